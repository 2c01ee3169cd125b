"""Lowering of permutations to strided views, which are copied only for kernels that cannot read them."""

from __future__ import annotations

from collections.abc import Callable

from knoll.graph import Node, Value
from knoll.kernels.layout.copy import Copy
from knoll.ops.shapes.reshape import permute as permute_op
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer
from knoll.plan.strided_view import StridedView, copy_nests


def permute(lowering: Lowering, node: Node) -> None:
    """A permutation of the axes of a sample is a view; what samples share is copied."""
    (x,), (value,) = node.inputs, node.outputs
    if value not in lowering.batch:
        source, target = StridedView.shared(x), StridedView.shared(value)
        nests = copy_nests(source.permuted(node.attributes["axes"]), target, lowering.lanes)
        kernel = lowering.kernel(Copy, nests, (0, 0), "strided_copy")
        lowering.step(kernel, lowering.unbatched[x], lowering.unbatched_result(value))
        return
    define_view(lowering, node.outputs[0], lowering.view(node.inputs[0]).permuted(_axes_of_sample(node)))


def fits(node: Node) -> bool:
    """The first axis stays the first."""
    return bool(node.attributes["axes"][:1] == (0,))


def define_view(lowering: Lowering, value: Value, view: StridedView) -> None:
    """Make a value a view, which is copied when a kernel needs it in the plain layout."""

    def make() -> None:
        target = StridedView.contiguous(value)
        copy_view(lowering, view, target, lowering.buffers.new(value, images_of(value)))

    lowering.views[value] = view
    lowering.buffers.deferred[value] = make


def output_view(lowering: Lowering, value: Value, accepts: Callable[[StridedView], bool]) -> StridedView:
    """The view that a kernel writes a value to: as its only reader permutes it, if the kernel accepts that."""
    reader = lowering.only_reader(value)
    if reader is not None and reader.op is permute_op and fits(reader):
        there = StridedView.contiguous(reader.outputs[0]).inverse_permuted(_axes_of_sample(reader))
        if accepts(there):
            lowering.done.add(reader)
            return there
    return StridedView.contiguous(value)


def copy_view(lowering: Lowering, source: StridedView, target: StridedView, buffer: Buffer) -> None:
    """Copy from one view to another, which lies in a buffer."""
    read = lowering.buffers.plain(source.base)
    assert read.images is not None
    nests, sizes = copy_nests(source, target, lowering.lanes), (read.images.size, images_of(target.base).size)
    lowering.step(lowering.kernel(Copy, nests, sizes, "strided_copy"), read, buffer)


def _axes_of_sample(node: Node) -> tuple[int, ...]:
    return tuple(axis - 1 for axis in node.attributes["axes"][1:])
