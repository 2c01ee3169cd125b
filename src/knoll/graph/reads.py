"""Data dependencies of operations: the elements of its operands that a result may depend on, axis by axis.

Most operations are separable: a result reads a range of rows, a range of columns, all channels. The elements that it
depends on are then the Cartesian product of the indices that it reads along each axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from knoll.graph.spec import Array, Shape, Spec
from knoll.graph.windows import Reach, Window


class Slide(Protocol):
    """How results along an axis read an axis of an operand; `Window` is an example."""

    def seen(self, size: int) -> Array:
        """The elements that each result reads, in order: (results, most that one reads), padded with −1."""

    def reach(self, size: int) -> Reach:
        """The receptive field as a formula: its extent, stride and start."""


@dataclass(frozen=True)
class Whole:
    """Every result reads the whole axis.

    >>> Whole().seen(3)
    array([[0, 1, 2]])
    """

    def seen(self, size: int) -> Array:
        """All elements, for as many results as there may be."""
        return np.arange(size)[None]

    def reach(self, size: int) -> Reach:
        """All elements, and nothing else from one result to the next."""
        return Reach(size, 0, 0)


@dataclass(frozen=True)
class Groups:
    """Channels in `groups`: each of `results` channels sees those of its own group.

    >>> Groups(2, results=4).seen(6)
    array([[0, 1, 2],
           [0, 1, 2],
           [3, 4, 5],
           [3, 4, 5]])
    """

    groups: int
    results: int

    def seen(self, size: int) -> Array:
        """The channels of the group."""
        group = np.arange(self.results) * self.groups // max(self.results, 1)
        return group[:, None] * (size // self.groups) + np.arange(size // self.groups)

    def reach(self, size: int) -> Reach:
        """The whole axis covers what every result sees."""
        return Reach(size, 0, 0)


@dataclass(frozen=True)
class Transposed:
    """The transpose of a window: each of `results` elements reads the windows over it, as in a transposed convolution.

    >>> Transposed(Window(kernel=3, stride=2), results=5).seen(2)
    array([[ 0, -1],
           [ 0, -1],
           [ 0,  1],
           [ 1, -1],
           [ 1, -1]])
    """

    window: Window
    results: int

    def seen(self, size: int) -> Array:
        """The windows over each element, the first `size` of them."""
        under = self.window.seen(self.results)[:size]
        windows, taps = np.nonzero(under >= 0)
        elements = under[windows, taps]
        order = np.lexsort((windows, elements))
        counts = np.bincount(elements, minlength=self.results)
        place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        listed = np.full((self.results, int(counts.max(initial=0))), -1)
        listed[elements[order], place] = windows[order]
        return listed

    def reach(self, size: int) -> Reach:  # noqa: ARG002 (the same for any)
        """A window of n elements that moves by s lies over an element in (n − 1) / s + 1 of its places, at most."""
        back, stride = self.window.span - 1, self.window.stride
        return Reach(back + stride, 1, self.window.before - back, per=stride)


class Read(NamedTuple):
    """How an axis of an operand is read: by `slide`, along the result's `axis`.

    If `axis` is None, all results read the same elements, those of the first result of `slide`.
    """

    axis: int | None
    slide: Slide


@dataclass(frozen=True, eq=False)
class Places:
    """The element that each result is a copy of, as a flat index into the operand; −1 for none."""

    of: Array


SAME = Window(1)
ALL = Read(None, Whole())
Reads = tuple[Read, ...] | Places
"""An entry for each axis of an operand, or, where axes are not alike, a place for each result."""


def along(*axes: int | None) -> tuple[Read, ...]:
    """Each axis of an operand is read at the same index of an axis of the results; None: it is read as a whole.

    >>> [read.axis for read in along(0, None)]
    [0, None]
    """
    return tuple(ALL if axis is None else Read(axis, SAME) for axis in axes)


def everything(operand: Spec) -> tuple[Read, ...]:
    """Each result may depend on every element."""
    return (ALL,) * operand.rank


def broadcast(operand: Spec, result: Shape) -> tuple[Read, ...]:
    """Each result depends on the element at its own index; axes of size 1 are broadcast.

    >>> [read.axis for read in broadcast(Spec((4, 1), np.dtype("float32")), (2, 4, 5))]
    [1, None]
    """
    first = len(result) - operand.rank
    return along(*(first + i if size == result[first + i] else None for i, size in enumerate(operand.shape)))


def stretch(size: int, first: int, count: int, step: int = 1) -> Window:
    """A window that reads `count` elements of an axis of `size`, from `first` on, one per result.

    >>> stretch(6, 1, 2, step=3).seen(6)
    array([[1],
           [4]])
    """
    return Window(1, step, -first, first + (count - 1) * step + 1 - size)


def but_one(rank: int, axis: int) -> tuple[Read, ...]:
    """One axis is read as a whole; the others stay.

    >>> [read.axis for read in but_one(3, -1)]
    [0, 1, None]
    """
    return along(*(None if i == axis % max(rank, 1) else i for i in range(rank)))


def reduced(rank: int, axes: Sequence[int], keep: bool) -> tuple[Read, ...]:
    """Axes that are summed are read as a whole; the others stay, at their own number or closed up.

    >>> [read.axis for read in reduced(4, (1, 2), keep=False)]
    [0, None, None, 1]
    """
    left = [axis for axis in range(rank) if axis not in axes]
    number = {axis: axis if keep else place for place, axis in enumerate(left)}
    return along(*(number.get(axis) for axis in range(rank)))
