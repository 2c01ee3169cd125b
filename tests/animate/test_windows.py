"""Frames of convolution and pooling: their numbers are those of the layer."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers, shows, words

import knoll
from knoll import nn
from knoll.analysis import Cells
from knoll.animate import animate
from knoll.animate.field import Field
from knoll.animate.steps import MOST
from knoll.errors import ArgumentError

LAYERS = [
    nn.Conv2d(1, 1, 3),
    nn.Conv2d(2, 2, 3, stride=2, dilation=2, padding=2, padding_mode="reflect"),
    nn.Conv2d(2, 4, (1, 3), padding="same", groups=2, bias=False),
    nn.MaxPool2d(3, ceil_mode=True),
    nn.MaxPool2d(3, stride=2, padding=1, dilation=2),
    nn.AvgPool2d(2, padding=1, ceil_mode=True),
    nn.AdaptiveAvgPool2d(3),
    nn.AdaptiveMaxPool2d((2, 3)),
]


def picture(layer: nn.Module) -> knoll.Tensor:
    channels = getattr(layer, "in_channels", 1)
    numbers = np.random.default_rng(3).integers(-9, 10, (1, channels, 7, 7))
    return knoll.tensor(numbers.astype(np.float32))


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_each_frame_tells_the_number_that_the_layer_gives(layer: nn.Module) -> None:
    x = picture(layer)
    y = layer(x).detach().numpy()[0]
    found = animate(layer, x)
    for frame in found.frames:
        assert frame.cell is not None
        assert shows(str(frame.caption).split()[-1], y[frame.cell], y)
    group = len(y) // getattr(layer, "groups", 1) if getattr(layer, "groups", 1) > 1 else 1
    channels = [*range(0, len(y), group)][:2]
    expected = []
    for channel in channels:
        places = [(channel, *at) for at in np.ndindex(y.shape[1:])]
        most = MOST // len(channels)
        expected += places if len(places) <= most else [*places[: most - 1], places[-1]]
    assert [frame.cell for frame in found.frames] == expected


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_the_window_lies_over_the_terms_of_the_number(layer: nn.Module) -> None:
    cells = Cells(layer, picture(layer))
    field = Field(cells)
    rows, columns = field.axes
    for index in np.ndindex(cells.result.shape):
        cell = cells.cell(index)
        window = field.array[0][
            np.ix_(list(field.channels(index[1])), rows.seen[index[2]], columns.seen[index[3]])
        ].ravel()
        assert [term.value for term in cell.terms] == pytest.approx(window.tolist())


def test_seven_by_seven_is_quick_to_read_and_small() -> None:
    text = animate(nn.Conv2d(1, 1, 3, padding=1), knoll.rand(1, 1, 7, 7)).svg()
    assert len(text) < 300_000


def test_channels_of_every_group_have_frames_and_are_named() -> None:
    found = animate(nn.Conv2d(4, 8, 3, groups=2), (4, 5, 5))
    assert {frame.cell[0] for frame in found.frames if frame.cell is not None} == {0, 4}
    assert "frames for k = 0, 4, the first channels of their groups; 8 channels in all" in found.frames[0].scene.svg(
        "light", "en"
    )


def test_every_kernel_of_a_depthwise_convolution_has_frames_and_fills_its_channel() -> None:
    layer = nn.Conv2d(2, 2, 3, padding=1, groups=2)
    frames = animate(layer, (2, 7, 7)).frames
    assert len(frames) == MOST
    for channel, last in ((0, frames[MOST // 2 - 1]), (1, frames[-1])):
        own = [frame.cell for frame in frames if frame.cell and frame.cell[0] == channel]
        assert (own[0], own[-1], last.cell) == ((channel, 0, 0), (channel, 6, 6), (channel, 6, 6))
        assert len([index for index in numbers(last.scene, "output") if index[0] == channel]) == 49


def test_the_channels_of_the_input_stand_on_one_line_beside_a_note() -> None:
    scene = animate(nn.Conv2d(4, 4, 3, groups=2), (4, 5, 5)).frames[0].scene
    assert len({scene.box("input", (channel, 0, 0))[1] for channel in range(3)}) == 1
    assert any("3 of 4 channels" in text for text in words(scene, "en"))


def test_what_groups_connect_stands_in_the_title() -> None:
    title = str(animate(nn.Conv2d(4, 8, 3, groups=2), (4, 5, 5)).title)
    assert title.endswith(" – in 2 groups: each output channel reads 2 of the 4 input channels")
    for layer in (nn.Conv2d(3, 6, 1, groups=3), nn.ConvTranspose2d(3, 3, 2, groups=3)):
        assert str(animate(layer, (3, 4, 4)).title).endswith(" – depthwise: each input channel has kernels of its own")
    assert "–" not in str(animate(nn.Conv2d(1, 3, 1), (1, 4, 4)).title)


def test_a_window_without_rows_names_the_argument() -> None:
    with pytest.raises(ArgumentError) as error:
        nn.MaxPool2d(0)
    assert error.value.got == "kernel_size=(0, 0), stride=(0, 0)"


HATCHED, CROSSED, WHITE = (
    "hatched: beyond the input",
    "cross-hatched: no window reaches it",
    "white: windows step over it",
)


@pytest.mark.parametrize(
    ("layer", "shape", "told"),
    [
        (nn.MaxPool2d(2), (1, 4, 4), ()),
        (nn.MaxPool2d(2), (1, 5, 4), (CROSSED,)),
        (nn.MaxPool2d(2, ceil_mode=True), (1, 5, 4), (HATCHED,)),
        (nn.MaxPool2d(1, stride=2), (1, 5, 5), (WHITE,)),
        (nn.Conv2d(1, 1, 2, stride=3, dilation=2), (1, 8, 8), (CROSSED, WHITE)),
        (nn.Conv2d(2, 2, 3, padding=1, groups=2, padding_mode="reflect"), (2, 4, 4), (HATCHED,)),
        (nn.Conv1d(1, 1, 2, stride=2, padding=1), (1, 5), (HATCHED, CROSSED)),
        (nn.MaxPool1d(3), (1, 6), ()),
    ],
    ids=str,
)
def test_what_hatches_mean_is_told_in_every_frame(
    layer: nn.Module, shape: tuple[int, ...], told: tuple[str, ...]
) -> None:
    for frame in animate(layer, shape).frames:
        found = words(frame.scene, "en")
        assert [text for text in found if text in (HATCHED, CROSSED, WHITE)] == [*told]
