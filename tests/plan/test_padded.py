"""Plans that would spend their memory on padded channels."""

from __future__ import annotations

from math import isqrt

import pytest

from knoll.graph import Graph
from knoll.machine import NAMED, Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.plan.lower import lower
from knoll.plan.padded import MIN_BYTES, is_mostly_padding, only_moves_windows
from planned import POOL, SLIDE, batch, value

SIDE = isqrt(MIN_BYTES // 8 // 4) + 2  # an image of one channel that is too large in blocks of 8 channels


@pytest.mark.parametrize("machine", [NAMED["x86-64-v3"], NAMED["x86-64-v4"]], ids=lambda machine: machine.name)
@pytest.mark.parametrize(
    ("shape", "expected"), [((1, 1, SIDE, SIDE), True), ((1, 16, SIDE, SIDE), False), ((1, 1, 64, 64), False)]
)
def test_a_large_image_of_few_channels(shape: tuple[int, ...], expected: bool, machine: Machine) -> None:
    x = value(*shape)
    graph = Graph((x,), (relu(max_pool2d(x, **POOL | {"padding": (1, 1), "kernel": (3, 3)})),))
    assert only_moves_windows(graph)
    assert is_mostly_padding(lower(graph, batch(graph), machine)) == expected


def test_a_kernel_that_reads_images_as_they_lie_pads_no_channels() -> None:
    x = value(1, 1, SIDE, SIDE)
    graph = Graph((x,), (max_pool2d(x, **POOL),))
    assert not is_mostly_padding(lower(graph, batch(graph), NAMED["x86-64-v3"]))


def test_a_convolution_is_worth_the_padding_and_no_window_needs_any() -> None:
    x, w = value(1, 1, SIDE, SIDE), value(1, 1, 3, 3)
    assert not only_moves_windows(Graph((x, w), (max_pool2d(conv2d(x, w, **SLIDE), **POOL),)))
    assert not only_moves_windows(Graph((x,), (relu(x),)))
