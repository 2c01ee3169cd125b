"""Numbers in another order than they lie in memory: moved only for those who cannot read them where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
        return View(self.base, shape, strides, self.start)

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
        source, images = view.read(lowering), images_of(value)
        nests = in_order(view, lowering.lanes)
        assert source.images is not None
        kernel = Copy(lowering.machine, lowering.element, nests, (source.images.size, images.size), "permute")
        lowering.draft.step(lowering.places.when, kernel, source, lowering.places.new(value, images))

    lowering.views[value] = view
    lowering.places.deferred[value] = make


def strides_of(shape: Shape) -> tuple[int, ...]:
    """Elements from one index to the next along each axis of an ordinary array.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    strides = [1]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * size)
    return tuple(strides[: len(shape)])


def in_order(view: View, lanes: int) -> tuple[Nest, ...]:
    """The nests that write a view as an ordinary array.

    Where neighbours in the source become neighbours along another axis, that axis and the last one turn in squares.
    """
    *front, last = joined(view.shape, view.strides)
    across = next((loop for loop in front if loop[1] == 1), None)
    if last[1] == 1 or across is None:
        return (Nest(tuple([*front, last] if front else [(1, 0, 0), last]), view.start),)
    front.remove(across)
    size, apart, _ = last
    whole, left = divmod(size, lanes)
    squares = Nest((*front, (whole, lanes * apart, lanes), across, (lanes, apart, 1)), view.start)
    rest = (*(front or [(1, 0, 0)]), across, (left, apart, 1))
    return (squares,) * (whole > 0) + (Nest(rest, view.start + whole * lanes * apart, whole * lanes),) * (left > 0)


def joined(shape: Shape, strides: tuple[int, ...]) -> list[Loop]:
    """Loops over an array that becomes an ordinary one; axes that follow each other without a gap are one.

    >>> joined((2, 3, 4, 1), (1, 8, 2, 5))
    [(2, 1, 12), (12, 2, 1)]
    """
    loops: list[Loop] = []
    for size, apart, to in zip(shape, strides, strides_of(shape), strict=True):
        if size == 1:
            continue
        if loops and loops[-1][1] == size * apart:
            loops[-1] = (loops[-1][0] * size, apart, to)
        else:
            loops.append((size, apart, to))
    return loops or [(1, 1, 1)]


def _within(node: Node) -> tuple[int, ...]:
    return tuple(axis - 1 for axis in node.attributes["axes"][1:])
