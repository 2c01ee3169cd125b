"""Frames of the layers whose window slides along one axis: their numbers are those of the layer."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers, shows, tells, words

import knoll
from knoll import nn
from knoll.analysis import Cells
from knoll.animate import animate
from knoll.animate.field import Field
from knoll.animate.moment import moment
from knoll.draw.numerals import numeral

LAYERS = [
    nn.Conv1d(1, 1, 3),
    nn.Conv1d(2, 3, 3, stride=2, padding=2, dilation=2, padding_mode="reflect"),
    nn.Conv1d(2, 2, 3, padding=(1,), padding_mode="circular"),
    nn.Conv1d(2, 4, 2, padding="same", groups=2, bias=False),
    nn.MaxPool1d(3, ceil_mode=True),
    nn.MaxPool1d(3, stride=2, padding=1, dilation=2),
    nn.MaxPool1d(2, 4),
    nn.AvgPool1d(2, padding=1, ceil_mode=True),
    nn.AvgPool1d(3, 2, padding=1, count_include_pad=False),
    nn.AdaptiveAvgPool1d(3),
    nn.AdaptiveMaxPool1d(4),
]


def sequence(layer: nn.Module) -> knoll.Tensor:
    channels = getattr(layer, "in_channels", 2) or 2
    return knoll.tensor(np.random.default_rng(3).integers(-9, 10, (1, channels, 7)).astype(np.float32))


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_each_frame_tells_the_number_that_the_layer_gives(layer: nn.Module) -> None:
    x = sequence(layer)
    found = animate(layer, x)
    y = layer(x).detach().numpy()[0]
    assert [frame.cell for frame in found.frames] == [*np.ndindex(y.shape)]
    for frame in found.frames:
        assert frame.cell is not None
        assert tells(str(frame.caption), y[frame.cell], y)
    assert {
        at: shows(text, y[at], y) for at, text in numbers(found.frames[-1].scene, "output").items()
    } == dict.fromkeys(np.ndindex(y.shape), True)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_the_window_lies_over_the_terms_of_the_number(layer: nn.Module) -> None:
    cells = Cells(layer, sequence(layer))
    field = Field(cells)
    for index in np.ndindex(cells.result.shape):
        seen = field.array[0][np.ix_(list(field.channels(index[1])), [0], field.axes[1].seen[index[2]])].ravel()
        cell = cells.cell(index)
        counted = seen if cell.rule != "mean" or cell.divisor == len(seen) else seen[seen != 0]
        assert [term.value for term in cell.terms if cell.rule != "mean" or term.value] == pytest.approx(
            [each for each in counted.tolist() if cell.rule != "mean" or each]
        )


def test_kernel_bias_and_padding_are_drawn() -> None:
    layer = nn.Conv1d(2, 2, 3, padding=2)
    found = animate(layer, (2, 5))
    for frame, k in zip((found.frames[0], found.frames[-1]), (0, 1), strict=True):
        told = words(frame.scene, "en")
        assert f"kernel {k}" in told
        assert {"bias", "\u22121", "\u22122", "c", "l", "s", "k"} <= {*told}
        weight = layer.weight.detach().numpy()[k]
        assert {numeral(each) for each in (*weight.ravel(), layer.bias[k].item())} <= {*told}
        padded = numbers(frame.scene, "input")
        assert [padded[0, at] for at in (0, 1, 7, 8)] == ["0"] * 4
        assert len(padded) == 2 * 9
    assert "kernel 0" not in words(animate(nn.MaxPool1d(3, padding=1), (2, 5)).frames[0].scene, "en")
    pooled = numbers(animate(nn.MaxPool1d(3, padding=1), (2, 5)).frames[0].scene, "input")
    assert pooled[0, 0] == pooled[1, 0] == "\u2212\u221e"


def test_indices_are_drawn_beside_the_values() -> None:
    layer = nn.MaxPool1d(2, return_indices=True)
    x = knoll.tensor([[[3.0, 1.0, 2.0, 5.0]]])
    found = numbers(animate(layer, x).frames[-1].scene, "indices")
    assert found == {(0, 0): "0", (0, 1): "3"}


def test_a_long_sequence_is_cropped_around_the_window() -> None:
    frame = animate(nn.Conv1d(20, 2, 5), (20, 60)).frames[40]
    drawn = numbers(frame.scene, "input")
    assert frame.cell == (0, 40)
    assert {(0, at) for at in range(40, 45)} <= {*drawn}
    assert "rows 0 to 13 of 20" in " ".join(words(frame.scene, "en"))


def test_one_number_is_shown_as_in_its_animation() -> None:
    x, layer = knoll.tensor([[[1.0, 2.0, 4.0, 8.0]]]), nn.Conv1d(1, 1, 3, padding=1)
    found = moment(Cells(layer, x), (0, 0, 2))
    assert "kernel 0" in words(found.scene, "en")
    assert str(found.caption) == str(animate(layer, x).frames[2].caption)


def test_a_sequence_without_samples_is_one() -> None:
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    for layer in (nn.Conv1d(2, 1, 3), nn.MaxPool1d(2), nn.ConvTranspose1d(2, 1, 2), nn.AdaptiveAvgPool1d(2)):
        one, batch = animate(layer, x), animate(layer, x[None])
        assert [frame.cell for frame in one.frames] == [frame.cell for frame in batch.frames]


def test_groups_are_told() -> None:
    assert str(animate(nn.Conv1d(4, 4, 3, groups=2), (4, 5)).title).endswith("reads 2 of the 4 input channels")
    assert str(animate(nn.Conv1d(2, 2, 3, groups=2), (2, 5)).title).endswith("has kernels of its own")


@pytest.mark.parametrize("k", [0, 1])
def test_the_gradient_of_the_kernel_that_is_touched_is_drawn(k: int) -> None:
    found = animate(nn.Conv1d(1, 2, 3), (1, 5), backward=True).frames[3 * k]
    assert f"d weight[{k}]" in words(found.scene, "en")


@pytest.mark.parametrize("shape", [(2, 3), (1, 1)])
def test_places_of_an_unpooling_are_made_up(shape: tuple[int, int]) -> None:
    layer = nn.MaxUnpool1d(3, 2, padding=1)
    found = animate(layer, shape)
    assert len(found.frames) == shape[0] * shape[1]


def test_a_padding_of_a_sequence_is_hatched() -> None:
    scene = animate(nn.ConstantPad1d((1, 2), 7.0), (1, 3)).frames[-1].scene
    assert {"\u22121", "4"} <= {*words(scene, "en")}  # indices count from the first that is not padding
