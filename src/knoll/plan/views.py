"""Numbers in another order than they lie in memory: moved only for those who cannot read them where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from knoll.graph import Node, Shape, Value
from knoll.kernels.copy import Copy, Loop, Nest
from knoll.plan.places import images_of
from knoll.plan.plan import Buffer

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering


@dataclass(frozen=True)
class View:
    """A sample of `base` as an ordinary array, seen as an array of `shape` whose axes are `strides` elements apart."""

    base: Value
    shape: Shape
    strides: tuple[int, ...]
    start: int = 0

    @classmethod
    def ordinary(cls, value: Value) -> View:
        """A value as it is."""
        shape = value.spec.shape[1:]
        return cls(value, shape, strides_of(shape))

    @classmethod
    def of(cls, lowering: Lowering, value: Value) -> View:
        """How the numbers of a value can be read without moving them."""
        return lowering.views.get(value) or cls.ordinary(value)

    def permuted(self, axes: Sequence[int]) -> View:
        """With the axes of a sample in another order."""
        shape, strides = (tuple(each[axis] for axis in axes) for each in (self.shape, self.strides))
        return replace(self, shape=shape, strides=strides)

    def stretch(self, axis: int, first: int, size: int) -> View:
        """So many places of one axis of a sample, from the `first` on."""
        shape = (*self.shape[:axis], size, *self.shape[axis + 1 :])
        return replace(self, shape=shape, start=self.start + first * self.strides[axis])

    def permuted_back(self, node: Node) -> View:
        """As the array that becomes this one when `node` permutes it."""
        axes = _within(node)
        return self.permuted([axes.index(axis) for axis in range(len(axes))])

    def read(self, lowering: Lowering) -> Buffer:
        """The array that is looked at."""
        return lowering.places.plain(self.base)


def permute(lowering: Lowering, node: Node) -> None:
    """Axes in another order; samples stay where they are."""
    see(lowering, node.outputs[0], View.of(lowering, node.inputs[0]).permuted(_within(node)))


def fits(node: Node) -> bool:
    """The first axis stays the first."""
    return bool(node.attributes["axes"][:1] == (0,))


def see(lowering: Lowering, value: Value, view: View) -> None:
    """Let a value be a view, until somebody wants it in order."""

    def make() -> None:
        target = View.ordinary(value)
        move(lowering, view, target, lowering.places.new(value, images_of(value)))

    lowering.views[value] = view
    lowering.places.deferred[value] = make


def target_of(lowering: Lowering, value: Value, able: Callable[[View], bool]) -> View:
    """Where a kernel writes a value: where its only reader would move it, if the kernel is `able` to."""
    reader = lowering.only_reader(value)
    if reader is not None and reader.op.name == "permute" and fits(reader):
        there = View.ordinary(reader.outputs[0]).permuted_back(reader)
        if able(there):
            lowering.done.add(reader)
            return there
    return View.ordinary(value)


def move(lowering: Lowering, source: View, target: View, buffer: Buffer) -> None:
    """Write what a view sees to another, which lies in a buffer."""
    read = source.read(lowering)
    assert read.images is not None
    nests, sizes = moved(source, target, lowering.lanes), (read.images.size, images_of(target.base).size)
    lowering.draft.step(
        lowering.places.when, Copy(lowering.machine, lowering.element, nests, sizes, "move"), read, buffer
    )


def strides_of(shape: Shape) -> tuple[int, ...]:
    """Elements from one index to the next along each axis of an ordinary array.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    strides = [1]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * size)
    return tuple(strides[: len(shape)])


def moved(source: View, target: View, lanes: int) -> tuple[Nest, ...]:
    """The nests that write one view to another.

    Where neighbours in the source become neighbours along another axis, both axes turn in squares.
    """
    loops = joined(source.shape, source.strides, target.strides)
    inner = next((loop for loop in loops if loop[2] == 1), loops[-1])
    across = next((loop for loop in loops if loop[1] == 1), inner)
    front = [loop for loop in loops if loop not in (inner, across)] or [(1, 0, 0)]
    if across is inner:
        return (Nest((*front, inner), source.start, target.start),)
    size, apart, there = inner
    whole, left = divmod(size, lanes)
    squares = Nest(
        (*front, (whole, lanes * apart, lanes * there), across, (lanes, apart, there)), source.start, target.start
    )
    end = source.start + whole * lanes * apart, target.start + whole * lanes * there
    return (squares,) * (whole > 0) + (Nest((*front, across, (left, apart, there)), *end),) * (left > 0)


def joined(shape: Shape, here: tuple[int, ...], there: tuple[int, ...]) -> list[Loop]:
    """Loops from some strides to others; axes that follow each other without a gap on both sides are one.

    >>> joined((2, 3, 4, 1), (1, 8, 2, 5), (12, 4, 1, 1))
    [(2, 1, 12), (12, 2, 1)]
    """
    loops: list[Loop] = []
    for size, from_, to in zip(shape, here, there, strict=True):
        if size == 1:
            continue
        if loops and loops[-1][1:] == (size * from_, size * to):
            loops[-1] = (loops[-1][0] * size, from_, to)
        else:
            loops.append((size, from_, to))
    return loops or [(1, 1, 1)]


def _within(node: Node) -> tuple[int, ...]:
    return tuple(axis - 1 for axis in node.attributes["axes"][1:])
