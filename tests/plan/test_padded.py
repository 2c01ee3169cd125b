"""Graphs that would spend their memory on padded channels."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.ops.conv import conv2d
from knoll.ops.elementwise import relu
from knoll.ops.max_pool import max_pool2d
from knoll.plan.padded import MIN_BYTES, is_mostly_padding
from planned import MACHINE, POOL, SLIDE, value

SIDE = int((MIN_BYTES / 16 / 4) ** 0.5) + 2  # an image of one channel that is too large in blocks


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1, 1, SIDE, SIDE), True), ((1, 4, SIDE, SIDE), True), ((1, 5, SIDE, SIDE), False), ((1, 1, 64, 64), False)],
)
def test_a_large_image_of_few_channels(shape: tuple[int, ...], expected: bool) -> None:
    x = value(*shape)
    assert is_mostly_padding(Graph((x,), (relu(max_pool2d(x, **POOL)),)), MACHINE) == expected


def test_a_convolution_is_worth_the_padding_and_no_window_needs_any() -> None:
    x, w = value(1, 1, SIDE, SIDE), value(1, 1, 3, 3)
    assert not is_mostly_padding(Graph((x, w), (max_pool2d(conv2d(x, w, **SLIDE), **POOL),)), MACHINE)
    assert not is_mostly_padding(Graph((x,), (relu(x),)), MACHINE)
