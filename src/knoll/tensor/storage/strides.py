"""How elements lie: the steps of PyTorch's views from one entry of an axis to the next, in elements.

NumPy's arrays say the same of axes with several elements. Of axes with one, and of empty arrays, their strides say
nothing, where PyTorch's follow rules: each function here is the rule of one kind of view.
Source: PyTorch, `computeStride_impl` and `inferExpandGeometry` in `aten/src/ATen`, `unsqueeze` and `squeeze` in
`aten/src/ATen/native/TensorShape.cpp`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from knoll.graph import Shape, Spec
from knoll.ops.shapes.strided import Axes

Strides = tuple[int, ...]
StrideRule = Callable[[Spec, Strides], Strides]  # the strides of a view, of those of its base


def in_order(shape: Shape) -> Strides:
    """Of elements in reading order.

    >>> in_order((2, 0, 3))
    (3, 3, 1)
    """
    strides, step = list[int](), 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= max(size, 1)
    return tuple(strides)


def in_shape(shape: Shape, strides: Strides, new: Shape) -> Strides:
    """In another shape.

    >>> in_shape((4, 3), (1, 4), (4, 3, 1))
    (1, 4, 4)
    """
    if not shape:
        return (1,) * len(new)
    if 0 in shape:
        return strides if shape == new else in_order(new)
    result, place = list[int](), len(new) - 1
    step, count, seen = strides[-1], 1, 1
    for axis in reversed(range(len(shape))):
        count *= shape[axis]
        if axis and (shape[axis - 1] == 1 or strides[axis - 1] == count * step):
            continue
        while place >= 0 and (seen < count or new[place] == 1):
            result.insert(0, seen * step)
            seen *= new[place]
            place -= 1
        step, count, seen = strides[axis - 1], 1, 1
    return tuple(result)


def with_axis(shape: Shape, strides: Strides, axis: int) -> Strides:
    """With a new axis of size 1.

    >>> with_axis((4, 3), (1, 4), 2), with_axis((4, 3), (1, 4), 1)
    ((1, 4, 1), (1, 12, 4))
    """
    return (*strides[:axis], _stepped_over(shape[axis:], strides[axis:]), *strides[axis:])


def _stepped_over(shape: Sequence[int], strides: Sequence[int]) -> int:
    return shape[0] * strides[0] if shape else 1


def picked(shape: Shape, strides: Strides, key: tuple[Any, ...]) -> Strides:
    """At integers, slices and new axes, and one ellipsis at most.

    >>> picked((3, 4), (4, 1), (slice(0, 3, 2), None, 1))
    (8, 4)
    """
    if Ellipsis not in key:
        key = (*key, Ellipsis)
    rest = len(shape) - sum(entry is not None and entry is not Ellipsis for entry in key)
    result, axis = list[int](), 0
    for entry in key:
        if entry is None:
            result.append(_stepped_over(shape[axis:], strides[axis:]))
        elif entry is Ellipsis:
            result += strides[axis : axis + rest]
            axis += rest
        else:
            if isinstance(entry, slice):
                result.append(strides[axis] * (1 if entry.step is None else entry.step))
            axis += 1
    return tuple(result)


def repeated(shape: Shape, strides: Strides, whole: Shape, axes: tuple[int, ...]) -> Strides:
    """Repeated along `axes`, in the shape `whole`."""
    own, result = len(whole) - len(shape), list[int]()
    for axis in reversed(range(len(whole))):
        new = whole[axis + 1] * result[0] if result and shape else 0
        step = strides[axis - own] if axis >= own else new
        result.insert(0, 0 if axis in axes and whole[axis] != 1 else step)
    return tuple(result)


def moved(strides: Strides, axes: Axes) -> Strides:
    """Along axes that move along others (`ops/shapes/strided.py`)."""
    return tuple(int(np.dot(steps, strides)) if strides else 1 for _, steps in axes)


def of_elements(strides: Strides, before: int, after: int) -> Strides:
    """Of elements of `after` bytes, where they had `before`."""
    return strides if before == after else (*(step * before // after for step in strides[:-1]), 1)


def are_in_order(shape: Shape, strides: Strides, order: Sequence[int]) -> bool:
    """Whether the elements lie one after the other, those along the first axis of `order` next to each other.

    >>> are_in_order((2, 1, 3), (3, 7, 1), (2, 1, 0))
    True
    """
    step = 1
    for axis in order:
        if shape[axis] != 1:
            if strides[axis] != step:
                return False
            step *= shape[axis]
    return True
