"""Convolutions as steps: layouts are requested with room for padding, and groups have kernels of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, examples, machines
from knoll.graph import Graph, Spec, Value
from knoll.kernels.convolution.pooled_weight_gradient import PooledWeightGradient
from knoll.kernels.convolution.weight_gradient import WeightGradient
from knoll.kernels.convolution.winograd_weight_gradient import WinogradWeightGradient
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.shapes.reshape import reshape
from knoll.plan.convolution import conv
from planned import LANES, POOL, SLIDE, kernels_of, lowering_of, plan_of, value

READ = {"given": lambda x: x, "of another shape": lambda x: reshape(x, shape=x.spec.shape), "computed": exp}


@pytest.mark.parametrize(
    ("channels", "how", "block"),
    [
        (3, "given", 3),
        (3, "of another shape", 3),
        (3, "computed", LANES),
        (32, "given", LANES),
        (LANES, "given", LANES),
    ],
)
def test_few_channels_of_the_callers_are_read_as_they_are(channels: int, how: str, block: int) -> None:
    x, w = value(2, channels, 6, 6), value(8, channels, 3, 3)
    read = READ[how](x)
    y = conv2d(read, w, **SLIDE | {"padding": ((1, 2), (0, 1))})
    lowering = lowering_of(Graph((x, w), (y,)))
    assert y.node is not None
    conv.request_layouts(lowering, y.node)
    assert lowering.buffers.requested[read] == [Images(channels, 6, 6, block, ((1, 2), (0, 1)))]


@pytest.mark.parametrize(
    ("channels", "outputs", "window", "stride", "pooled", "block"),
    [
        (3, 64, 3, 1, False, 3),
        (1, 8, 5, 2, False, 1),
        (15, 16, 3, 1, False, LANES),  # too little to spare
        (3, 16, 1, 1, False, LANES),
        (3, 64, 3, 1, True, LANES),  # few pixels are read
        (32, 64, 3, 1, False, LANES),
    ],
)
def test_a_weight_gradient_reads_few_channels_without_padding(
    channels: int, outputs: int, window: int, stride: int, pooled: bool, block: int
) -> None:
    x, w = value(4, channels, 12, 12), value(outputs, channels, window, window)
    y = conv2d(exp(x), w, **SLIDE | {"stride": (stride, stride), "padding": ((1, 1), (1, 1))})
    y = max_pool2d(y, **POOL) if pooled else y
    plan = plan_of(Graph((x, w), (y,)), 1)
    (kernel,) = (
        step.kernel
        for phase in plan.backward
        for step in phase.steps
        if isinstance(step.kernel, WeightGradient | PooledWeightGradient | WinogradWeightGradient)
    )
    assert kernel.source.block == block


@machines
@examples(6)
@given(
    c=st.integers(1, 7), k=st.integers(20, 40), r=st.integers(2, 5), stride=st.integers(1, 2),
    dilation=st.integers(1, 2), size=st.tuples(st.integers(9, 13), st.integers(9, 13)),
)  # fmt: skip
def test_gradients_behind_few_channels(
    machine: Machine, c: int, k: int, r: int, stride: int, dilation: int, size: tuple[int, int]
) -> None:
    x, w = (Value(Spec(shape, np.dtype("float32"))) for shape in ((3, c, *size), (k, c, r, r)))
    slide = {"stride": (stride,) * 2, "padding": ((1, 2), (0, 1)), "dilation": (dilation,) * 2, "groups": 1}
    check(Graph((x, w), (conv2d(relu(x), w, **slide),)), machine)


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
