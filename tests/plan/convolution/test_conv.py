"""Convolutions as steps: layouts are requested with room for padding, and groups have kernels of their own."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.kernels.layout.layout import Images
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.elementwise import exp, relu
from knoll.plan.convolution import conv
from planned import LANES, SLIDE, kernels_of, lowering_of, plan_of, value


@pytest.mark.parametrize(
    ("channels", "given", "block"), [(3, True, 3), (3, False, LANES), (32, True, LANES), (LANES, True, LANES)]
)
def test_few_channels_of_the_callers_are_read_as_they_are(channels: int, given: bool, block: int) -> None:
    x, w = value(2, channels, 6, 6), value(8, channels, 3, 3)
    read = x if given else exp(x)
    y = conv2d(read, w, **SLIDE | {"padding": ((1, 2), (0, 1))})
    lowering = lowering_of(Graph((x, w), (y,)))
    assert y.node is not None
    conv.request_layouts(lowering, y.node)
    assert lowering.buffers.requested[read] == [Images(channels, 6, 6, block, ((1, 2), (0, 1)))]


def test_what_a_convolution_reads_is_written_with_its_halo() -> None:
    x, w, v = value(2, 3, 6, 6), value(16, 3, 3, 3), value(16, 16, 3, 3)
    plan = plan_of(Graph((x, w, v), (conv2d(relu(conv2d(x, w, **SLIDE)), v, **SLIDE),)))
    between = [buffer for buffer in plan.buffers if buffer.note == "relu"]
    assert [buffer.images.halo for buffer in between if buffer.images] == [((1, 1), (1, 1))]
    assert kernels_of(plan).count("reorder") == 1  # the caller's images in


@pytest.mark.parametrize(("groups", "kernel"), [(1, "DirectConvolution"), (16, "DepthwiseConvolution")])
def test_groups_that_fill_vectors_have_a_kernel_of_their_own(groups: int, kernel: str) -> None:
    x, w = value(2, 16, 6, 6), value(16, 16 // groups, 3, 3)
    kernels = kernels_of(plan_of(Graph((x, w), (conv2d(x, w, **SLIDE | {"groups": groups}),)), 0, 1))
    assert kernels.count(kernel) == 2
    assert kernels.count("WeightGradient" if groups == 1 else "DepthwiseWeightGradient") == 1
