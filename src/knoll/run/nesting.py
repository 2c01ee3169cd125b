"""How arrays of one shape are visited: their axes in order and merged, until a kernel's loop nest has room for them.

Source: `TensorIterator` of PyTorch and `nditer` of NumPy put axes in order and merge them so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from knoll.graph import Array
from knoll.graph.spec import Shape
from knoll.kernels.elementwise.nest import AXES, STRETCH, Sizes

MOST_KNOWN = 1 << 10  # shapes and strides whose visit is remembered
FULL = 16  # elements that fill a vector

Axis = tuple[int, Shape]  # its size, and of each array the bytes from place to place


class Nesting(NamedTuple):
    """How many pieces a visit has, the integers that a kernel reads, and the length of a row.

    Of each array it has the bytes from element to element of a row, and from row to row where both fill vectors.
    """

    pieces: int
    words: tuple[int, ...]
    length: int
    steps: Shape
    row_steps: Shape


def nesting_of(*arrays: Array) -> Nesting | None:
    """The visit of arrays that broadcast to the shape of the last one; None where too many axes are left."""
    shape = arrays[-1].shape
    return _nesting(shape, tuple([_strides(array, shape) for array in arrays]))


def _strides(array: Array, shape: Shape) -> Shape:
    """The bytes from place to place of each axis of a shape that an array broadcasts to."""
    if array.shape == shape:
        return array.strides
    steps = zip(array.shape, array.strides, strict=True)
    return (*(0,) * (len(shape) - array.ndim), *(0 if size == 1 else step for size, step in steps))


@lru_cache(maxsize=MOST_KNOWN)
def _nesting(shape: Shape, strides: tuple[Shape, ...]) -> Nesting | None:
    """The visit of arrays with these strides."""
    axes = merged(shape, strides)
    if len(axes) > AXES:
        return None
    around, rows, row = _divided(axes, (1, (0,) * len(strides)))
    whole = [*around, rows, row]
    sizes = _sizes([size for size, _ in whole])
    steps = [step for array in zip(*(steps for _, steps in whole), strict=True) for step in array]
    fills = min(rows[0], row[0]) >= FULL
    return Nesting(sizes.pieces, (*sizes.words, *steps), row[0], row[1], rows[1] if fills else (0,) * len(strides))


def merged(shape: Shape, strides: tuple[Shape, ...]) -> list[Axis]:
    """Axes of more than one place in the order in which the last array lies, those in one where that can be.

    >>> merged((2, 3, 4), ((48, 16, 4), (96, 32, 8)))
    [(24, (4, 8))]
    >>> merged((2, 1, 4), ((0, 0, 4), (4, 8, 8)))
    [(4, (4, 8)), (2, (0, 4))]
    """
    axes = [(size, steps) for size, *steps in zip(shape, *strides, strict=True) if size != 1]
    axes.sort(key=lambda axis: -abs(axis[1][-1]))
    found: list[Axis] = []
    for size, steps in axes:
        if found and all(outer == size * inner for outer, inner in zip(found[-1][1], steps, strict=True)):
            size *= found.pop()[0]
        found.append((size, tuple(steps)))
    return found


def _divided(axes: list[Axis], single: Axis) -> tuple[list[Axis], Axis, Axis]:
    """The axes around, three of them, that of rows, and that of the elements of a row; a `single` place where none is.

    A row lies as the last array does, unless another axis is much longer. Where a row of the first array does not lie
    in order, but a column does, that is the axis of rows.
    """
    left = list(axes)
    row = left.pop() if left else single
    if row[0] < FULL and left and (longest := max(left, key=lambda axis: axis[0]))[0] >= FULL:
        left.remove(longest)
        left.append(row)
        row = longest
    rows = min(left, key=lambda axis: abs(axis[1][0]) or FULL**9, default=single) if _is_apart(row) else None
    if rows is None:
        rows = left[-1] if left else single
    if left:
        left.remove(rows)
    return [*(single,) * (AXES - 2 - len(left)), *left], rows, row


def _is_apart(row: Axis) -> bool:
    return abs(row[1][0]) > 8


def _sizes(sizes: Sequence[int]) -> Sizes:
    """How axes are shared out, so that a piece has some thousand elements and whole squares."""
    first, second, third, rows, row = sizes
    elements = min(row, STRETCH)
    rows_at_once = min(rows, max(FULL, STRETCH // max(1, elements) // FULL * FULL))
    around_at_once = max(1, STRETCH // max(1, elements * rows_at_once))
    return Sizes((first, second, third), rows, row, around_at_once, rows_at_once, elements)
