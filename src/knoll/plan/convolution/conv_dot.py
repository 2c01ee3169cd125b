"""Convolutions with few output channels, as of a mask or an image: vector lanes run along input channels instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from knoll.graph import Node
from knoll.graph.sizes import ceil_div
from knoll.kernels.convolution.dot_convolution import DotConvolution
from knoll.kernels.layout.copy import Nest
from knoll.kernels.layout.layout import Images
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.convolution.clipped_window import ClippedWindow
from knoll.plan.convolution.conv_packing import backward_view, dot_weights, forward_view
from knoll.plan.convolution.polyphase import component_groups
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer
from knoll.plan.resample.resample import is_given

MIN_SAVING = 1.5  # times fewer cycles: the result is plain, and what follows is not fused with it
JOINING = 3  # cycles for each lane of a vector, in which the sums of a tile are joined
LATENCY = 4  # sums that are added to in turns keep the multiplier busy


def dot_conv2d(lowering: Lowering, node: Node, window: ClippedWindow, wanted: Images) -> bool:
    """Draft a convolution of x, whose layout is `wanted`, where that pays."""
    x, w, *bias = node.inputs
    if w.spec.shape[2:] == (1, 1) and is_given(x):  # read plain, where nothing else reads it
        return False
    size, y = node.specs[0].shape[2:], images_of(node.outputs[0])
    kernel = lowering.kernel(DotConvolution, wanted, y, window.taps, (size[0], size[1]), bias=bool(bias))
    if not _pays(lowering, node, [kernel]):
        return False
    source = lowering.buffers.get(x, wanted)
    _draft(lowering, node, source, [(kernel, dot_weights(forward_view(window, 1), kernel.lanes))])
    return True


def dot_conv2d_dx(lowering: Lowering, node: Node, wanted: Images) -> bool:
    """Draft a transposed convolution or an input gradient of dy, whose layout is `wanted`, where that pays."""
    dy, w, *bias = node.inputs
    y, steps = images_of(node.outputs[0]), []
    for one in component_groups(node):
        kernel = lowering.kernel(DotConvolution, wanted, y, one.taps, one.size, one.components, bool(bias))
        view = backward_view(w.spec.shape, 1, one.taps.count, one.weight, one.weight_step)
        nests = one.packed(dot_weights(view, kernel.lanes), w.spec.shape, kernel.weights * y.c)
        steps.append((kernel, nests))
    if not _pays(lowering, node, [kernel for kernel, _ in steps]):
        return False
    _draft(lowering, node, lowering.buffers.get(dy, wanted), steps)
    return True


def _pays(lowering: Lowering, node: Node, kernels: Sequence[DotConvolution]) -> bool:
    """Whether it is dense, and lanes along input channels take fewer cycles than lanes along output channels."""
    if node.attributes["groups"] > 1 or any(kernel.source.block != lowering.lanes for kernel in kernels):
        return False
    if not all(kernel.components.is_even and prod(kernel.size) and prod(kernel.taps.count) for kernel in kernels):
        return False
    direct = sum(_direct_cycles(lowering, kernel) for kernel in kernels)
    return direct >= MIN_SAVING * sum(_cycles(kernel) for kernel in kernels)


def _direct_cycles(lowering: Lowering, kernel: DotConvolution) -> float:
    """Those of a direct convolution, for a sample."""
    outputs, lanes = kernel.target.c, kernel.lanes
    vectors = 0.5 if lowering.machine.halves and outputs <= lanes // 2 else ceil_div(outputs, lanes)
    return vectors * kernel.work / outputs


def _cycles(kernel: DotConvolution) -> float:
    """Those of sums over lanes, for a sample."""
    products = kernel.weights // kernel.lanes * max(kernel.columns, LATENCY)
    tiles = kernel.parts * ceil_div(kernel.size[1], kernel.columns)
    return tiles * kernel.target.c * (products + JOINING * kernel.lanes)


def _draft(
    lowering: Lowering, node: Node, source: Buffer, steps: Sequence[tuple[DotConvolution, tuple[Nest, ...]]]
) -> None:
    """The steps that write a plain result."""
    _, w, *bias = node.inputs
    target = lowering.buffers.new(node.outputs[0], images_of(node.outputs[0]))
    for planned, nests in steps:
        kernel = replace(planned, source=images_in(source))
        weights = lowering.pack(w, nests, kernel.weights * kernel.target.c * kernel.components.count)
        lowering.step(kernel, source, weights, target, *(lowering.unbatched[b] for b in bias))
