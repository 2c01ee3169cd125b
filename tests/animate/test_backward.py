"""Frames of the way back: what all numbers of the output send back is what autograd gives."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers, shows

import knoll
from knoll import nn
from knoll.animate import animate
from knoll.animate.sheets import place
from knoll.draw.numerals import numeral
from knoll.errors import ArgumentError, KnollError

LAYERS = [
    (nn.Conv2d(1, 2, 3, stride=2, padding=1), (1, 5, 5)),
    (nn.Conv2d(1, 1, 2, padding=1, padding_mode="circular"), (1, 3, 3)),
    (nn.ConvTranspose2d(1, 1, 2, stride=2), (1, 2, 2)),
    (nn.MaxPool2d(3, 2, ceil_mode=True), (1, 6, 6)),
    (nn.AvgPool2d(2, padding=1), (1, 3, 3)),
    (nn.Linear(4, 3), (4,)),
    (nn.BatchNorm2d(2), (2, 3, 3)),
    (nn.Softmax(1), (5,)),
    (nn.Hardtanh(), (6,)),
    (nn.PixelShuffle(2), (4, 2, 2)),
    (nn.ReflectionPad2d(1), (1, 3, 3)),
    (nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), (3,)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda value: str(value).split("(")[0])
def test_the_last_frame_has_the_gradient_of_autograd(layer: nn.Module, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    x = knoll.tensor(rng.standard_normal((1, *shape)).astype(np.float32), requires_grad=True)
    y = layer(x)
    dy = rng.integers(1, 5, y.shape).astype(np.float32)
    y.backward(knoll.tensor(dy))
    assert x.grad is not None
    dx = x.grad.numpy()
    found = animate(layer, x, backward=True, dy=dy)
    drawn = numbers(found.frames[-1].scene, "input")
    assert len(drawn) == dx.size
    for index in np.ndindex(dx.shape):
        assert shows(drawn[place(index, dx.shape)], dx[index], dx)
    assert len(found.frames) == min(dy.size, 64)
    assert found.frames[0].caption != found.frames[-1].caption


def test_numbers_without_a_frame_count_too() -> None:
    for layer, factor in ((nn.Identity(), 1), (nn.LeakyReLU(0.5), 0.5)):
        found = animate(layer, np.full((2, 50), -1.0, np.float32), backward=True, dy=np.full((2, 50), 3.0))
        assert len(found.frames) == 64
        assert set(numbers(found.frames[-1].scene, "input").values()) == {numeral(3.0 * factor)}


def test_a_loss_sends_back_one() -> None:
    found = animate(nn.MSELoss(), np.ones((1, 2), np.float32), np.zeros((1, 2), np.float32), backward=True)
    assert "dx[0] += 1·1 = 1" in str(found.frames[0].caption)


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(ArgumentError, match="another shape than the output"):
        animate(nn.ReLU(), (1, 3, 3), backward=True, dy=np.ones(3))
    with pytest.raises(ArgumentError, match="no gradient goes through this layer"):
        animate(nn.Identity(), np.arange(3), backward=True)
    with pytest.raises(KnollError, match="to have 3 channels"):
        animate(nn.Conv2d(3, 1, 3), (1, 5, 5), backward=True)
