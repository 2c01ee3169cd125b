"""Lowering of elements taken at given indices, and of the gradients, which add them where they were taken."""

from __future__ import annotations

from math import prod

from knoll.graph import Node, Shape, Value
from knoll.kernels.indexing.gather import Gather
from knoll.kernels.indexing.indexed import Shared
from knoll.kernels.indexing.scatter import Scatter
from knoll.kernels.kernel import Kernel
from knoll.ops.indexing.index import take_axis
from knoll.plan.buffer_map import images_of
from knoll.plan.indexing.indices import are_given
from knoll.plan.lowering_state import Lowering

Sizes = tuple[int, int, int, int]  # planes, places in one, how many are taken, elements of each


def take(lowering: Lowering, node: Node) -> None:
    """Elements along an axis, of each sample or of what all samples share."""
    x, index = node.inputs
    kernel = lowering.kernel(Gather, *_sizes(lowering, node, x), Shared.SAMPLES, index.spec.dtype.name)
    _indexed(lowering, node, kernel)


def take_dx(lowering: Lowering, node: Node) -> None:
    """Zeros, with each dy added where it was taken."""
    index, dx = node.inputs[1], node.outputs[0]
    kernel = lowering.kernel(Scatter, *_sizes(lowering, node, dx), Shared.SAMPLES, index.spec.dtype.name)
    _indexed(lowering, node, kernel)


def _sizes(lowering: Lowering, node: Node, table: Value) -> Sizes:
    (axis, size), shape = take_axis(node), table.spec.shape
    return prod(shape[table in lowering.batch : axis]), size, node.inputs[1].spec.size, prod(shape[axis + 1 :])


def _indexed(lowering: Lowering, node: Node, kernel: Kernel) -> None:
    """Draft the step of a kernel for elements of each sample, or of what all samples share."""
    (x, index), (value,), buffers = node.inputs, node.outputs, lowering.buffers
    if value in lowering.batch:
        lowering.step(kernel, buffers.plain(x), lowering.unbatched[index], buffers.new(value, images_of(value)))
    else:
        sources = lowering.unbatched[x], lowering.unbatched[index]
        lowering.step(kernel, *sources, lowering.unbatched_result(value))


def gather(lowering: Lowering, node: Node) -> None:
    """Each element along an axis by an index of its own."""
    x, index = node.inputs
    _by_element(
        lowering, node, lowering.kernel(Gather, *_planes(node, x, index), Shared.NOTHING, index.spec.dtype.name)
    )


def gather_dx(lowering: Lowering, node: Node) -> None:
    """Zeros, with each dy added where it was gathered."""
    index, dx = node.inputs[1], node.outputs[0]
    kernel = lowering.kernel(Scatter, *_planes(node, dx, index), Shared.NOTHING, index.spec.dtype.name)
    _by_element(lowering, node, kernel)


def _planes(node: Node, table: Value, index: Value) -> Sizes:
    axis, shape = node.attributes["axis"], table.spec.shape
    return prod(shape[1:axis]), shape[axis], index.spec.shape[axis], prod(shape[axis + 1 :])


def _by_element(lowering: Lowering, node: Node, kernel: Kernel) -> None:
    (x, index), (value,), buffers = node.inputs, node.outputs, lowering.buffers
    lowering.step(kernel, buffers.plain(x), buffers.plain(index), buffers.new(value, images_of(value)))


def embedding(lowering: Lowering, node: Node) -> None:
    """Rows of a table that all samples share."""
    (table, index), (value,), buffers = node.inputs, node.outputs, lowering.buffers
    kernel = lowering.kernel(Gather, *_rows(index, table.spec.shape), Shared.PLANES, index.spec.dtype.name, same=True)
    lowering.step(kernel, lowering.unbatched[table], buffers.plain(index), buffers.new(value, images_of(value)))


def embedding_dw(lowering: Lowering, node: Node) -> None:
    """Each dy of the whole batch added to its row, in the combining phase."""
    (dy, index), (dw,) = node.inputs, node.outputs
    kernel = lowering.kernel(
        Scatter, *_rows(index, dw.spec.shape), Shared.PLANES, index.spec.dtype.name,
        same=True, left=node.attributes["padding"],
    )  # fmt: skip
    sources = lowering.buffers.plain(dy), lowering.buffers.plain(index)
    lowering.combining_step(kernel, *sources, lowering.unbatched_result(dw))


def _rows(index: Value, table: Shape) -> Sizes:
    rows, columns = table
    return 1, rows, prod(index.spec.shape[1:]), columns


def fits_take(node: Node) -> bool:
    """One index of numbers that the caller gives."""
    return len(node.inputs) == 2 and are_given(node.inputs[1]) and node.inputs[1].spec.size > 0


def fits_gather(node: Node) -> bool:
    """Along an axis of each sample, by indices that the caller gives for all places of the other axes."""
    index, axis = node.inputs[1].spec.shape, node.attributes["axis"]
    table = node.attributes.get("shape") or node.inputs[0].spec.shape
    return (
        axis > 0 and are_given(node.inputs[1]) and index[:axis] + index[axis + 1 :] == table[:axis] + table[axis + 1 :]
    )


def fits_embedding(node: Node) -> bool:
    """Numbers of rows that the caller gives for each sample; none of them shares out gradients by frequency."""
    return (
        node.inputs[1].spec.rank > 0
        and are_given(node.inputs[1])
        and not ("rows" in node.attributes and node.attributes["by_frequency"])
    )
