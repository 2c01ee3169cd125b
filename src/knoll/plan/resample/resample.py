"""Lowering of resampling: average pooling, upsampling, padding, and their gradients.

Padding is done in place if possible: a padded value is the same memory as the value with a halo.
"""

from __future__ import annotations

from dataclasses import replace

from knoll.graph import Node, Value
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import NO_HALO, Images
from knoll.kernels.reduction.axis_reduction import AxisSum
from knoll.kernels.resample.halo import Halo
from knoll.kernels.resample.plain_windows import PlainResample
from knoll.kernels.resample.resample import Resample
from knoll.kernels.resample.runs import runs_of
from knoll.ops.resample.axes import Padded, TransposedMap
from knoll.ops.resample.resample import resample2d as resample2d_op
from knoll.ops.resample.resample import tables
from knoll.ops.resample.tables import Table
from knoll.ops.shapes.reshape import reshape, stop_gradient
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer

Border = tuple[Padded, Padded]
MAX_AXIS = 1 << 22  # results along an axis: a table takes up to 32 bytes for each, and three times as many in the IR
MAX_HALO = 32  # the kernel of a halo has code for each of its rows and columns


def resample2d(lowering: Lowering, node: Node) -> None:
    """A resampling: in place if it only pads and a halo can be filled or folded, else by a kernel."""
    if _is_plain_throughout(lowering, node):
        _resample_plain(lowering, node)
        return
    border = border_of(node)
    if border is None or not (_fold_halo if is_gradient(node) else _fill_halo)(lowering, node, border):
        _resample(lowering, node)


def fits(node: Node) -> bool:
    """Axes short enough for tables that are constants of a kernel."""
    return max(*node.specs[0].shape[2:], *node.inputs[0].spec.shape[2:]) <= MAX_AXIS


def request_layouts(lowering: Lowering, node: Node) -> None:
    """Request a halo around the operand of a padding."""
    border = border_of(node)
    if border is not None and not is_gradient(node):
        lowering.buffers.request(node.inputs[0], _with_border(lowering, node.inputs[0], border))


def border_of(node: Node) -> Border | None:
    """The padding of a node that pads without cropping, or of which it is the gradient; None for others."""
    axes = [node.attributes["rows"], node.attributes["columns"]]
    if is_gradient(node):
        axes = [axis.original for axis in axes if isinstance(axis, TransposedMap)]
    padded = [axis for axis in axes if isinstance(axis, Padded) and min(axis.before, axis.after) >= 0]
    if len(padded) < 2 or not 0 < max(axis.before + axis.after for axis in padded) <= MAX_HALO:
        return None
    return padded[0], padded[1]


def is_gradient(node: Node) -> bool:
    """Whether a node is the gradient of a resampling."""
    return isinstance(node.attributes["rows"], TransposedMap)


def is_given(value: Value) -> bool:
    """Whether a value is an input of the graph, perhaps of another shape, perhaps padded."""
    node = value.node
    if node is not None and node.op in (reshape, stop_gradient):
        return is_given(node.inputs[0])
    return node is None or (node.op is resample2d_op and node.inputs[0].node is None and border_of(node) is not None)


def _with_border(lowering: Lowering, x: Value, border: Border) -> Images:
    """The layout that padding reads: with a halo; inputs of few channels in one block of that width."""
    images, (rows, columns) = images_of(x), border
    block = images.c if x.node is None and images.c < lowering.lanes else lowering.lanes
    return Images(images.c, images.h, images.w, block, ((rows.before, rows.after), (columns.before, columns.after)))


def _fill_halo(lowering: Lowering, node: Node, border: Border) -> bool:
    """Fill the halo of x in place; False if another node needs a zero halo, or the result needs a halo."""
    (x,), (value,) = node.inputs, node.outputs
    wanted = _with_border(lowering, x, border)
    halos = [images for images in lowering.buffers.requested[x] if images.halo != NO_HALO]
    around = [images for images in lowering.buffers.requested.get(value, []) if images.halo != NO_HALO]
    if len(halos) > 1 or around:
        return False
    buffer, seen = lowering.buffers.get(x, wanted), replace(images_of(value), block=wanted.block)
    if buffer.images != wanted or seen.size != wanted.size:
        return False
    if any(axis.mode != "constant" for axis in border):
        kernel = lowering.kernel(Halo, wanted, *border)
        lowering.step(kernel, buffer)
    lowering.buffers.layouts[value] = [replace(buffer, images=seen)]
    return True


def _fold_halo(lowering: Lowering, node: Node, border: Border) -> bool:
    """Add the border of dy to its interior in place; False if another node reads dy. It becomes a zero halo."""
    (dy,), (value,) = node.inputs, node.outputs
    if lowering.only_reader(dy) is not node:
        return False
    buffer = lowering.buffers.get(dy, lowering.vector_layout(dy))
    if buffer.images != lowering.vector_layout(dy) or _is_shared(lowering, buffer):
        return False
    images = replace(_with_border(lowering, value, border), block=lowering.lanes)
    kernel = lowering.kernel(Halo, images, *border, back=True)
    lowering.step(kernel, buffer)
    lowering.buffers.layouts[value] = [replace(buffer, images=images)]
    return True


def _is_shared(lowering: Lowering, buffer: Buffer) -> bool:
    """Whether a buffer holds several values."""
    holders = [held for layouts in lowering.buffers.layouts.values() for held in layouts]
    return sum(held.number == buffer.number for held in holders) > 1


def _resample(lowering: Lowering, node: Node) -> None:
    (x,), (value,) = node.inputs, node.outputs
    source, target = lowering.buffers.get(x, lowering.vector_layout(x)), lowering.buffers.blocked(value)
    assert source.images is not None
    rows, columns = tables(x.spec.shape, x.spec.dtype, **node.attributes)
    kernel = lowering.kernel(Resample, source.images, target, rows, columns)
    lowering.step(kernel, source, lowering.buffers.new(value, target))


def _is_plain_throughout(lowering: Lowering, node: Node) -> bool:
    """Whether a plain image becomes a plain one, in patterns that a kernel has code for.

    So it is where nobody else reads that one, or where an image of one channel is more than padded: a block of channels
    would be empty but for one lane.
    """
    (x,), (value,) = node.inputs, node.outputs
    alone = x.spec.shape[1] == 1 and border_of(node) is None and lowering.buffers.lies_plain(x)
    if not alone and not lowering.is_plain_throughout(x, value):
        return False
    rows, columns = tables(x.spec.shape, x.spec.dtype, **node.attributes)
    return is_global(rows, columns) or runs_of(columns, lowering.lanes) is not None


def is_global(rows: Table, columns: Table) -> bool:
    """Whether the one result is the sum of all elements, or their mean."""
    return all(
        table.results == 1 and table.counts[0] == table.size and table.weights is None for table in (rows, columns)
    )


def _resample_plain(lowering: Lowering, node: Node) -> None:
    (x,), (value,) = node.inputs, node.outputs
    rows, columns = tables(x.spec.shape, x.spec.dtype, **node.attributes)
    source, target = images_of(x), images_of(value)
    kernel: Kernel
    if is_global(rows, columns):
        divisor = (rows.divisor or 1.0) * (columns.divisor or 1.0)
        kernel = lowering.kernel(AxisSum, source.c, source.h * source.w, 1, divisor)
    else:
        kernel = lowering.kernel(PlainResample, source, target, rows, columns)
    lowering.step(kernel, lowering.buffers.plain(x), lowering.buffers.new(value, target))
