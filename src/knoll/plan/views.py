"""Numbers in another order than they lie in memory: moved only for those who cannot read them where they are."""

from __future__ import annotations

from collections.abc import Callable

from knoll.graph import Node, Value
from knoll.kernels.layout.copy import Copy
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering import Lowering
from knoll.plan.plan import Buffer
from knoll.plan.view import View, moved


def permute(lowering: Lowering, node: Node) -> None:
    """Axes in another order; samples stay where they are."""
    see(lowering, node.outputs[0], lowering.view(node.inputs[0]).permuted(_within(node)))


def fits(node: Node) -> bool:
    """The first axis stays the first."""
    return bool(node.attributes["axes"][:1] == (0,))


def see(lowering: Lowering, value: Value, view: View) -> None:
    """Let a value be a view, until somebody wants it in order."""

    def make() -> None:
        target = View.ordinary(value)
        move(lowering, view, target, lowering.buffers.new(value, images_of(value)))

    lowering.views[value] = view
    lowering.buffers.deferred[value] = make


def target_of(lowering: Lowering, value: Value, able: Callable[[View], bool]) -> View:
    """Where a kernel writes a value: where its only reader would move it, if the kernel is `able` to."""
    reader = lowering.only_reader(value)
    if reader is not None and reader.op.name == "permute" and fits(reader):
        there = View.ordinary(reader.outputs[0]).permuted_back(_within(reader))
        if able(there):
            lowering.done.add(reader)
            return there
    return View.ordinary(value)


def move(lowering: Lowering, source: View, target: View, buffer: Buffer) -> None:
    """Write what a view sees to another, which lies in a buffer."""
    read = lowering.buffers.plain(source.base)
    assert read.images is not None
    nests, sizes = moved(source, target, lowering.lanes), (read.images.size, images_of(target.base).size)
    lowering.draft.step(
        lowering.buffers.when, Copy(lowering.machine, lowering.element, nests, sizes, "move"), read, buffer
    )


def _within(node: Node) -> tuple[int, ...]:
    return tuple(axis - 1 for axis in node.attributes["axes"][1:])
