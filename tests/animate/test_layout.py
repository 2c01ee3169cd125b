"""Animations on a telephone: no drawing is wider than the screen, and what a frame is about is seen."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers

from knoll import nn
from knoll.animate import animate, compare
from knoll.animate.compare import differences
from knoll.animate.sheets import NARROW
from knoll.draw.scene import MARGIN, Scene
from knoll.nn import Module

WIDE: list[tuple[Module, tuple[int, ...]]] = [
    (nn.Conv2d(3, 6, 15), (1, 3, 32, 32)),
    (nn.Conv1d(3, 4, 5, padding=2), (1, 3, 40)),
    (nn.ConvTranspose2d(2, 3, 3, 2), (1, 2, 12, 12)),
    (nn.ConvTranspose1d(2, 3, 3, 2), (1, 2, 20)),
    (nn.MaxPool2d(2, return_indices=True), (1, 1, 28, 28)),
    (nn.MaxPool1d(3), (1, 2, 40)),
    (nn.Linear(40, 30), (2, 40)),
    (nn.Softmax(1), (2, 20)),
    (nn.LayerNorm(20), (3, 20)),
    (nn.GELU(), (1, 1, 15, 15)),
    (nn.MultiheadAttention(32, 4, batch_first=True), (1, 20, 32)),
]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(("layer", "shape"), WIDE, ids=lambda value: type(value).__name__)
def test_frames_are_no_wider_than_a_telephone(layer: Module, shape: tuple[int, ...], backward: bool) -> None:
    x = (np.random.default_rng(3).normal(size=shape) * 100).astype(np.float32)
    found = animate(layer, x, backward=backward)
    assert len(found.narrow) == len(found.frames)
    for frame in found.narrow:
        assert frame.scene.width <= NARROW + 2 * MARGIN
        if frame.cell is not None:
            assert frame.cell in numbers(frame.scene, "output")


def numbers_at(scene: Scene, array: str) -> list[tuple[float, float]]:
    """Where the cells of an array stand that have numbers."""
    return [scene.box(array, index)[:2] for index in numbers(scene, array)]


@pytest.mark.parametrize(
    ("first", "second", "shape", "is_stacked"),
    [
        (nn.Conv1d(2, 3, 3), nn.Conv1d(2, 3, 5), (1, 2, 20), True),
        (nn.MaxPool2d(2), nn.MaxPool2d(2, stride=1), (1, 1, 6, 6), True),
        (nn.AvgPool2d(2), nn.MaxPool2d(2), (1, 1, 2, 2), False),
    ],
    ids=lambda value: str(value)[:20],
)
def test_two_layers_stand_above_each_other_where_both_have_no_room(
    first: Module, second: Module, shape: tuple[int, ...], is_stacked: bool
) -> None:
    found = compare(first, second, np.random.default_rng(0).normal(size=shape).astype(np.float32))
    for frame in found.narrow:
        assert frame.scene.width <= NARROW + 2 * MARGIN
        firsts, seconds = (numbers_at(frame.scene, name) for name in ("output", "second output"))
        assert (max(y for _, y in firsts) < min(y for _, y in seconds)) == is_stacked
        assert frame.cell is None or frame.cell in numbers(frame.scene, "output")
        assert numbers(frame.scene, "second output")
    names = differences(first, second)
    assert str(found.frames[0].caption).startswith(f"{names[0]}: output")
    assert f". {names[1]}: output" in str(found.frames[0].caption)
