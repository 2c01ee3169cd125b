"""Lowering of sums and means, and of their gradients. Sums over samples are partial sums, combined in order."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from knoll.graph import Node
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.copy import Copy
from knoll.kernels.reduction.expand import Expand
from knoll.kernels.reduction.sums import ChannelSums, CombineAll, ElementSums, RowSums
from knoll.ops.pooling.max_pool import max_pool2d_dx
from knoll.ops.reduction.reduce import mean as mean_op
from knoll.ops.reduction.reduce import reduced, shared_scale
from knoll.ops.reduction.reduce import sum_ as sum_op
from knoll.plan import matrix_packing
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer, Kind
from knoll.plan.pooling.max_pool import poolable
from knoll.plan.reduction import axis_reduction
from knoll.plan.reduction.pixel_sums import sum_in_blocks
from knoll.plan.strided_view import StridedView, copy_nests, strides_of


def sum_(lowering: Lowering, node: Node) -> None:
    """A full sum, a sum over axes of each sample, or a bias gradient: dy summed over samples and pixels."""
    (dy,) = node.inputs
    if not crosses_samples(node):
        if not sum_in_blocks(lowering, node):
            axis_reduction.sum_(lowering, node)
        return
    if is_over_everything(node):
        full_reduction(lowering, node)
        return
    if _is_over_rows(node):
        last = len(node.attributes["axes"])
        rows = lowering.kernel(RowSums, prod(dy.spec.shape[last:]), prod(dy.spec.shape[1:last]))
        lowering.summed(
            node.outputs[0], rows, rows.size, matrix_packing.contiguous(rows.features), lowering.buffers.plain(dy)
        )
        return
    if dy.node is not None and dy.node.op is max_pool2d_dx and poolable(dy.node):
        dy = dy.node.inputs[0]  # each element of dy goes to one pixel, so the sum is the same
    source = lowering.buffers.get(dy, lowering.vector_layout(dy))
    assert source.images is not None
    channels = lowering.kernel(ChannelSums, source.images)
    lowering.summed(node.outputs[0], channels, channels.size, matrix_packing.contiguous(source.images.c), source)


def mean(lowering: Lowering, node: Node) -> None:
    """A full mean, or one over axes of each sample."""
    (full_reduction if crosses_samples(node) else axis_reduction.sum_)(lowering, node)


def full_reduction(lowering: Lowering, node: Node) -> None:
    """A full sum or mean."""
    (x,) = node.inputs
    elements = images_of(x).size
    sums = lowering.kernel(ElementSums, elements)
    shared = elements if node.op is mean_op else None
    scalar_reduction(lowering, node, sums, sums.parts, [lowering.buffers.plain(x)], shared)


def scalar_reduction(
    lowering: Lowering,
    node: Node,
    kernel: Kernel,
    vectors: int,
    sources: Sequence[Buffer],
    elements: int | None = None,
) -> None:
    """Draft a full reduction: `vectors` partial sums for each group of samples, then their sum.

    It is a mean if `elements` per sample are given.
    """
    group = lowering.buffer(Kind.PARTIAL, vectors * lowering.lanes, node.op.name)
    lowering.step(kernel, *sources, group)
    combine = lowering.kernel(CombineAll, vectors, elements)
    lowering.combining_step(combine, group, lowering.unbatched_result(node.outputs[0]), combines=True)


def expand(lowering: Lowering, node: Node) -> None:
    """The broadcast of a scalar to all elements, or along axes of each sample."""
    if not crosses_samples(node):
        axis_reduction.expand(lowering, node)
        return
    (dy,), (value,) = node.inputs, node.outputs
    images = images_of(value)
    if dy.spec.size > 1:
        wide = reduced(value.spec.shape, node.attributes["axes"], keep=True)[1:]
        strides = tuple(0 if size == 1 else stride for size, stride in zip(wide, strides_of(wide), strict=True))
        target = StridedView.contiguous(value)
        nests = copy_nests(StridedView(dy, target.shape, strides), target, lowering.lanes)
        copy = lowering.kernel(Copy, nests, (0, images.size), "broadcast")
        lowering.step(copy, lowering.unbatched[dy], lowering.buffers.new(value, images))
        return
    kernel = lowering.kernel(Expand, images.size, shared_scale(node))
    lowering.step(kernel, lowering.unbatched[dy], lowering.buffers.new(value, images))


def crosses_samples(node: Node) -> bool:
    """Whether the axes of a sum, or of its gradient, include the batch axis."""
    return 0 in node.attributes["axes"]


def is_over_everything(node: Node) -> bool:
    """Whether a sum or a mean is a scalar."""
    return bool(node.attributes["axes"] == tuple(range(node.inputs[0].spec.rank)))


def fits(node: Node) -> bool:
    """A full sum, one over samples and rows or pixels, or one over axes of each sample."""
    (x,) = node.inputs
    if not crosses_samples(node):
        return axis_reduction.fits(x.spec.shape, node.attributes["axes"])
    if is_over_everything(node):
        return x.spec.rank > 0 and (node.op is sum_op or x.spec.size > 0)  # the mean of nothing is no number
    return _is_over_rows(node) or (node.attributes["axes"] == (0, 2, 3) and x.spec.rank == 4)


def _is_over_rows(node: Node) -> bool:
    """Whether only the last axes are left: each of their places is a feature of a row."""
    count = len(node.attributes["axes"])
    return bool(node.attributes["axes"] == tuple(range(count)) and count < node.inputs[0].spec.rank)


def fits_mean(node: Node) -> bool:
    """A full mean, or one over axes of each sample."""
    return (is_over_everything(node) or not crosses_samples(node)) and fits(node)


def fits_expand(node: Node) -> bool:
    """The broadcast of a scalar, of what samples share to each of them, or along axes of each sample."""
    (dy,), (y,) = node.inputs, node.specs
    if not crosses_samples(node):
        return axis_reduction.fits(y.shape, node.attributes["axes"]) and dy.spec.rank > 0
    if dy.spec.size > 1:
        return bool(node.attributes["scale"] == 1.0)
    return dy.spec.size == 1 and y.rank == len(node.attributes["axes"]) > 0 < y.size
