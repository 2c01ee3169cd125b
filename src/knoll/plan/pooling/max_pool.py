"""Lowering of max pooling and its gradient; indices are computed from codes only if they are read."""

from __future__ import annotations

from math import prod

import numpy as np

from knoll.graph import AnyWindow, Node, Value, Window
from knoll.kernels.layout.layout import Images
from knoll.kernels.pooling.codes import codes_of, have_codes
from knoll.kernels.pooling.pool import MaxPool, PoolIndices
from knoll.kernels.pooling.unpool import ScatterByCodes
from knoll.kernels.pooling.window_bounds import fits_registers, windows_tile
from knoll.kernels.resample.plain_max_indices import MAX_ELEMENTS, PlainMaxPoolIndices
from knoll.kernels.resample.plain_windows import PlainMaxPool
from knoll.kernels.resample.runs import runs_of
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d, adaptive_windows
from knoll.ops.pooling.max_pool import max_pool2d, windows
from knoll.ops.resample.tables import Table
from knoll.plan.buffer_map import images_of
from knoll.plan.fusion.elementwise_fusion import fuse_elementwise
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer, Kind

POOLINGS = (max_pool2d, adaptive_max_pool2d)


def pool(lowering: Lowering, node: Node) -> None:
    """A max pooling that is not fused into a convolution, with its fused elementwise operations."""
    if _is_plain_throughout(lowering, node):
        _pool_plain(lowering, node)
        return
    index, fused = node.outputs[1], fuse_elementwise(lowering, node.outputs[0])
    value = fused.value
    source = lowering.buffers.get(node.inputs[0], lowering.vector_layout(node.inputs[0]))
    target, wanted = lowering.buffers.blocked(value), wants_codes(lowering, index)
    assert source.images is not None
    epilogue, operands = fused.epilogue(lowering, lowering.vector_layout(value))
    kernel = lowering.kernel(MaxPool, source.images, target, *axes_of(node), wanted, epilogue)
    buffers = [source, lowering.buffers.new(value, target), *operands]
    buffers += [new_codes(lowering, index, target)] if wanted else []
    lowering.step(kernel, *buffers)


def _is_plain_throughout(lowering: Lowering, node: Node) -> bool:
    """Whether a plain image becomes a plain one that nobody else reads, and the same of indices that are wanted."""
    x, (value, index) = node.inputs[0], node.outputs
    if index in lowering.graph.readers or not lowering.is_plain_throughout(x, value):
        return False
    counted = index not in lowering.buffers.outputs or prod(x.spec.shape[2:]) <= MAX_ELEMENTS
    return counted and windows_meet(node) and runs_of(_tables(node)[1], lowering.lanes) is not None


def _pool_plain(lowering: Lowering, node: Node) -> None:
    x, results = node.inputs[0], [value for value in node.outputs if value in lowering.buffers.outputs]
    make = PlainMaxPool if len(results) == 1 else PlainMaxPoolIndices
    kernel = lowering.kernel(make, images_of(x), images_of(results[0]), *_tables(node))
    made = [lowering.buffers.new(value, images_of(value)) for value in results]
    lowering.step(kernel, lowering.buffers.plain(x), *made)


def _tables(node: Node) -> tuple[Table, Table]:
    """The rows and the columns of each window, all of them inside: the nearest ones where it reaches beyond."""
    (rows, columns), (*_, height, width) = axes_of(node), node.inputs[0].spec.shape
    return _table(rows, height), _table(columns, width)


def _table(axis: AnyWindow, size: int) -> Table:
    seen = axis.seen(size) if isinstance(axis, Window) else axis.seen()
    first, last = np.where(seen < 0, size, seen).min(1, keepdims=True), seen.max(1, keepdims=True)
    begun = np.logical_or.accumulate(seen >= 0, 1)
    nearest = np.where(seen < 0, np.where(begun, last, first), seen)
    return Table.of_places(size, [tuple(each) for each in nearest.tolist()])


def wants_codes(lowering: Lowering, index: Value) -> bool:
    """Whether the indices of a pooling are read."""
    return index in lowering.graph.readers or index in lowering.buffers.outputs


def new_codes(lowering: Lowering, index: Value, target: Images) -> Buffer:
    """A buffer for the codes of a pooling; the indices are computed from it when they are read."""
    axes = axes_of(index.node)
    codes = codes_of(*axes, target)
    buffer = lowering.draft.buffer(Kind.SCRATCH, codes.element, codes.images.size, "codes", codes.images)

    def make() -> None:
        kernel = lowering.kernel(PoolIndices, codes.images, width_of(index), *axes)
        result = lowering.buffers.new(index, images_of(index))
        lowering.step(kernel, buffer, result)

    lowering.codes[index], lowering.buffers.deferred[index] = buffer, make
    return buffer


def width_of(index: Value) -> int:
    """The columns of the images that were pooled, which indices count along."""
    assert index.node is not None
    return index.node.inputs[0].spec.shape[3]


def pool_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of pooling, drafted when it is read: a convolution's weight gradient may not need it."""

    def make() -> None:
        scatter_by_codes(lowering, node, adds=True)

    lowering.buffers.deferred[node.outputs[0]] = make


def scatter_by_codes(lowering: Lowering, node: Node, adds: bool) -> None:
    """Scatter pooled elements to the positions of the maxima."""
    x, index = node.inputs
    source, target = lowering.buffers.get(x, lowering.vector_layout(x)), lowering.buffers.blocked(node.outputs[0])
    assert source.images is not None
    kernel = lowering.kernel(ScatterByCodes, source.images, target, *axes_of(node), adds)
    result = lowering.buffers.new(node.outputs[0], target)
    lowering.step(kernel, source, lowering.codes[index], result)


def poolable(node: Node) -> bool:
    """Whether the windows of a pooling, or of its gradient, tile the image and fit the registers."""
    axes = axes_of(node)
    return windows_tile(*axes) and fits_registers(*axes)


def kernel_of(node: Node) -> tuple[int, int]:
    """Rows and columns of the windows of a pooling, or of its gradient."""
    rows, columns = axes_of(node)
    return rows.kernel, columns.kernel


def axes_of(node: Node | None) -> tuple[AnyWindow, AnyWindow]:
    """The windows of a pooling, or of the pooling whose indices a node reads."""
    if node is not None and node.op not in POOLINGS:
        node = node.inputs[1].node
    assert node is not None, "the indices of a pooling"
    if node.op is max_pool2d:
        return windows(**node.attributes)
    return adaptive_windows(node.inputs[0].spec, node.attributes["size"])


def windows_meet(node: Node) -> bool:
    """Whether every window of a pooling has a pixel, so that no index is −1."""
    sizes = zip(axes_of(node), node.inputs[0].spec.shape[2:], strict=True)
    return all(not isinstance(axis, Window) or axis.meets(size) for axis, size in sizes)


def fits(node: Node) -> bool:
    """Windows are small enough for codes; of a gradient, the pooling is in this graph."""
    pooling = node if node.op in POOLINGS else node.inputs[1].node
    return pooling is not None and pooling.op in POOLINGS and have_codes(*axes_of(pooling))
