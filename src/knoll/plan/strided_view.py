"""Strided views of one sample of an array, and the loop nests that copy one view to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knoll.graph import Shape, Value
from knoll.kernels.layout.copy import Loop, Nest


@dataclass(frozen=True)
class StridedView:
    """A view of one sample of `base`, a contiguous array: its shape, the stride of each axis, and where it starts."""

    base: Value
    shape: Shape
    strides: tuple[int, ...]
    start: int = 0

    @classmethod
    def contiguous(cls, value: Value) -> StridedView:
        """The view of all of a value."""
        shape = value.spec.shape[1:]
        return cls(value, shape, strides_of(shape))

    @classmethod
    def shared(cls, value: Value) -> StridedView:
        """The view of all of a value that samples share, as if it were one sample."""
        return cls(value, value.spec.shape, strides_of(value.spec.shape))

    def permuted(self, axes: Sequence[int]) -> StridedView:
        """The view with its axes in another order."""
        shape, strides = (tuple(each[axis] for axis in axes) for each in (self.shape, self.strides))
        return replace(self, shape=shape, strides=strides)

    def narrow(self, axis: int, first: int, size: int) -> StridedView:
        """The view of `size` places of one axis, from the `first` on."""
        shape = (*self.shape[:axis], size, *self.shape[axis + 1 :])
        return replace(self, shape=shape, start=self.start + first * self.strides[axis])

    def inverse_permuted(self, axes: Sequence[int]) -> StridedView:
        """The view that becomes this one when its axes are permuted so."""
        return self.permuted([axes.index(axis) for axis in range(len(axes))])


def strides_of(shape: Shape) -> tuple[int, ...]:
    """Elements from one index to the next along each axis of a contiguous array.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    strides = [1]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * size)
    return tuple(strides[: len(shape)])


def copy_nests(source: StridedView, target: StridedView, lanes: int) -> tuple[Nest, ...]:
    """The nests that write one view to another.

    Where the contiguous axis of the source is not that of the target, both are transposed in squares.
    """
    loops = coalesced(source.shape, source.strides, target.strides)
    inner = next((loop for loop in loops if loop[2] == 1), loops[-1])
    across = inner if inner[1] == 1 else next((loop for loop in loops if loop[1] == 1), inner)
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


def coalesced(shape: Shape, here: tuple[int, ...], there: tuple[int, ...]) -> list[Loop]:
    """Loops from some strides to others; axes that are contiguous on both sides are coalesced into one.

    >>> coalesced((2, 3, 4, 1), (1, 8, 2, 5), (12, 4, 1, 1))
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
