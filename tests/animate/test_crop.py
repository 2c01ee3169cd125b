"""The part of a large image that is shown, with the numbers that the layer gives on the whole image."""

from __future__ import annotations

import re

import numpy as np
import pytest
from tests.animate.reading import numbers, shows, tells

import knoll
from knoll import autograd, nn
from knoll.analysis.made_up import numbers_for
from knoll.analysis.trace import random_numbers_kept
from knoll.animate import animate
from knoll.animate.crop import readable
from knoll.draw.numerals import numeral
from knoll.graph import Array

LAYERS = [
    nn.Conv2d(2, 4, 7, padding=3),
    nn.Conv2d(2, 2, 3, stride=2, dilation=2, padding=2, groups=2),
    nn.Conv2d(2, 1, 3, padding=1, padding_mode="circular"),
    nn.MaxPool2d(3, stride=2, padding=1),
    nn.MaxPool2d(20),
    nn.AvgPool2d(2, padding=1, ceil_mode=True),
    nn.AdaptiveAvgPool2d(7),
    nn.AdaptiveMaxPool2d((3, 30)),
    nn.BatchNorm2d(2),
    nn.Softmax(3),
    nn.ReLU(),
    nn.Dropout(),
    nn.ReflectionPad2d((3, 1, 0, 2)),
    nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1),
    nn.Upsample(scale_factor=2, mode="bilinear"),
    nn.PixelUnshuffle(2),
    nn.Flatten(),
]


NETWORK = nn.Sequential(nn.Conv2d(2, 2, 3, stride=2), nn.ReLU(), nn.Conv2d(2, 2, 3, padding=1))


def image(corner: tuple[int, int]) -> Array:
    """Two channels that vary most below and to the right of a corner."""
    top, left = corner
    x = np.random.default_rng(5).random((1, 2, 32, 38)).astype(np.float32)
    x[:, :, top : top + 8, left : left + 8] *= 9
    return x


@pytest.mark.parametrize("corner", [(0, 0), (13, 17), (24, 30)])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_numbers_of_a_part_are_those_of_the_whole_image(layer: nn.Module, corner: tuple[int, int]) -> None:
    x = image(corner)
    with random_numbers_kept():
        found = animate(layer, x)
    with random_numbers_kept():
        y = layer(knoll.tensor(x)).detach().numpy()
    drawn = numbers(found.frames[-1].scene, "output")
    assert drawn
    for at, text in drawn.items():
        assert text in nearby(y[(0, *at)[-y.ndim :]])
    for frame in found.frames:
        assert frame.scene.width <= 1100
        if frame.cell is not None and not isinstance(layer, nn.ConvTranspose2d):
            assert tells(frame.caption, y[(0, *frame.cell)[-y.ndim :]], y)


def nearby(number: float) -> set[str]:
    """How a number is written, and its neighbours, which another order of a sum may give."""
    return {numeral(float(number) + shift * (1e-6 + 1e-5 * abs(float(number)))) for shift in (-1, 0, 1)}


def test_padding_stands_at_the_true_border_only() -> None:
    x = np.ones((1, 1, 40, 40), np.float32)
    x[0, 0, 16:24, 16:24] = (-1.0) ** np.add.outer(np.arange(8), np.arange(8))
    inside = animate(nn.Conv2d(1, 1, 3, padding=1), x).frames[0]
    rows = {at[1] for at in numbers(inside.scene, "input")}
    assert rows == set(range(17, 25))  # of the padded image, whose row 0 is padding
    assert inside.cell == (0, 17, 17)
    x[0, 0, :8, :8] = 9 * x[0, 0, 16:24, 16:24]
    border = animate(nn.Conv2d(1, 1, 3, padding=1), x).frames[0]
    assert border.cell == (0, 0, 0)
    assert {at[1] for at in numbers(border.scene, "input")} == set(range(9))


def test_the_part_that_varies_most_is_shown_and_said() -> None:
    x = np.zeros((1, 1, 40, 50), np.float32)
    x[0, 0, 20:28, 30:38] = (-1.0) ** np.add.outer(np.arange(8), np.arange(8))
    (whole,), crop = readable([nn.Conv2d(1, 1, 3)], [x])
    assert crop is not None
    assert (crop.top, crop.left, crop.side, crop.whole) == (20, 30, (8, 8), (40, 50))
    assert whole.shape == x.shape
    assert str(animate(nn.Conv2d(1, 1, 3), x).title).endswith(" – rows 20–27 of 40, columns 30–37 of 50")
    title = str(animate(nn.Conv2d(1, 1, 3), x, backward=True).title)
    assert title.endswith(" – backward, rows 20–27 of 40, columns 30–37 of 50")


@pytest.mark.parametrize("corner", [(0, 0), (13, 17), (24, 30)])
@pytest.mark.parametrize("layer", [*LAYERS, nn.MaxUnpool2d(2), NETWORK], ids=lambda layer: str(layer).split("\n")[0])
def test_gradients_of_a_part_are_those_of_the_whole_image(layer: nn.Module, corner: tuple[int, int]) -> None:
    x = image(corner)
    inputs = [knoll.tensor(each) for each in numbers_for(layer, [x])]
    inputs[0].requires_grad_(True)
    with random_numbers_kept():
        y = layer(*inputs)
    dy = np.random.default_rng(3).integers(1, 5, y.shape).astype(np.float32)
    with random_numbers_kept():
        found = animate(layer, *inputs, backward=True, dy=dy)
    frames = [found.frames[i] for i in sorted({0, len(found.frames) // 2, len(found.frames) - 1})]
    for frame in frames:
        index = (0, *frame.cell)[-y.ndim :]
        slopes = autograd.grad(y[index] * float(dy[index]), inputs[0], retain_graph=True)[0].numpy()
        sent = [(tuple(place), slopes[tuple(place)]) for place in np.argwhere(slopes)]
        told = re.findall(r"dx\[([^]]*)\] \+= .*? [=≈] (\S+?)(?:[,;] |$)", str(frame.caption))
        assert bool(told) == bool(sent)
        for at, amount in told:
            expected = slopes[(0, *map(int, at.split(", ")))]
            assert amount in nearby(expected)
        assert (f"goes to {len(sent):,} " if sent else "reaches no number") in str(frame.caption)
    y.backward(knoll.tensor(dy))
    dx = inputs[0].grad.numpy()
    drawn = numbers(found.frames[-1].scene, "input")
    assert drawn
    for at, text in drawn.items():
        assert text in nearby(dx[(0, *at)])
    assert 8 <= max(at[1] for at in drawn) + 1 - min(at[1] for at in drawn) + 2 <= 16


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("kind", [nn.MSELoss, nn.CrossEntropyLoss, nn.BCEWithLogitsLoss])
def test_losses_of_a_part_are_those_of_the_whole_image(kind: type[nn.Module], reduction: str) -> None:
    inputs = [knoll.tensor(each) for each in numbers_for(kind(), [image((13, 17))])]
    each, loss = kind(reduction="none"), kind(reduction=reduction)
    losses = each(*inputs).numpy()
    found = animate(loss, *inputs)
    assert re.search(r" – rows \d+–\d+ of 32, columns \d+–\d+ of 38$", str(found.title))
    told = re.findall(r"loss\[([^]]*)\] = .*?([^ ]+)$", "\n".join(str(frame.caption) for frame in found.frames), re.M)
    assert len(told) == 36
    for at, text in told:
        assert text in nearby(losses[(0, *map(int, at.split(", ")))])
    if reduction != "none":
        assert shows(str(found.frames[-1].caption).split()[-1], loss(*inputs).item(), losses)


@pytest.mark.parametrize("shape", [(1, 2, 7, 10), (3, 1, 10, 10), (4, 5)])
def test_what_is_small_is_shown_whole(shape: tuple[int, ...]) -> None:
    x = np.ones(shape, np.float32)
    (part,), crop = readable([nn.ReLU()], [x])
    assert crop is None
    assert part.shape == shape


def test_indices_of_a_large_image_stay_those_of_the_whole() -> None:
    x = np.ones((1, 1, 16, 16), np.float32)
    found = animate(nn.MaxUnpool2d(2), x, backward=True)
    assert str(found.title) == "MaxUnpool2d(2) – backward, rows 0–7 of 16, columns 0–7 of 16"
    assert found.frames[0].cell == (0, 0, 0)
