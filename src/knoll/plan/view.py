"""A sample of an array seen with other strides, and the loops that write one such view to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knoll.graph import Shape, Value
from knoll.kernels.layout.copy import Loop, Nest


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

    def permuted(self, axes: Sequence[int]) -> View:
        """With the axes of a sample in another order."""
        shape, strides = (tuple(each[axis] for axis in axes) for each in (self.shape, self.strides))
        return replace(self, shape=shape, strides=strides)

    def stretch(self, axis: int, first: int, size: int) -> View:
        """So many places of one axis of a sample, from the `first` on."""
        shape = (*self.shape[:axis], size, *self.shape[axis + 1 :])
        return replace(self, shape=shape, start=self.start + first * self.strides[axis])

    def permuted_back(self, axes: Sequence[int]) -> View:
        """As the array that becomes this one when its axes are permuted so."""
        return self.permuted([axes.index(axis) for axis in range(len(axes))])


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
