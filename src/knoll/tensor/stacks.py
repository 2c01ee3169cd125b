"""Tensors side by side and in parts: stacks along the usual axes, splits, axes added in front.

Source: https://pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ShapeError, StateError
from knoll.ops.elementwise import broadcast
from knoll.tensor.arguments import integers, public, tensors
from knoll.tensor.base import T, TensorBase
from knoll.tensor.layout import Size
from knoll.tensor.shaping import cat, expand, front, picked, reshape, unsqueeze


def _each(given: tuple[Any, ...], name: str) -> Any:
    """Tensors that were given one by one, or in one list."""
    return tensors(given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given, name, "tensors")


@public("atleast_1d")
def _with_1(x: T) -> T:
    return x if x.shape else reshape(x, (1,))


@public("atleast_2d")
def _with_2(x: T) -> T:
    return x if len(x.shape) > 1 else unsqueeze(_with_1(x), 0)


@public("atleast_3d")
def _with_3(x: T) -> T:
    return x if len(x.shape) > 2 else unsqueeze(_with_2(x), -1)


def atleast_1d(*tensors: Any) -> Any:
    """Each tensor with one axis at least: (1,) for a number.

    >>> import knoll
    >>> knoll.atleast_1d(knoll.tensor(2.0))
    tensor([2.])
    """
    return _widened(_with_1, tensors, "atleast_1d")


def atleast_2d(*tensors: Any) -> Any:
    """Each tensor with two axes at least: (1, n) for (n,)."""
    return _widened(_with_2, tensors, "atleast_2d")


def atleast_3d(*tensors: Any) -> Any:
    """Each tensor with three axes at least: (1, n, 1) for (n,), and (m, n, 1) for (m, n)."""
    return _widened(_with_3, tensors, "atleast_3d")


def _widened(function: Any, given: tuple[Any, ...], name: str) -> Any:
    if len(given) == 1 and not isinstance(given[0], (list, tuple)):
        return function(given[0])
    return tuple(function(part) for part in _each(given, name))


@public("hstack")
def hstack(tensors: Sequence[T], *, out: T | None = None) -> T:
    """The tensors along their second axis, or along the only one that they have.

    Source: https://pytorch.org/docs/stable/generated/torch.hstack.html

    >>> import knoll
    >>> knoll.hstack((knoll.tensor([1, 2]), knoll.tensor([3])))
    tensor([1, 2, 3])
    """
    parts = [_with_1(part) for part in _some(tensors, "hstack")]
    return cat(parts, min(len(parts[0].shape) - 1, 1))


@public("vstack")
def vstack(tensors: Sequence[T], *, out: T | None = None) -> T:
    """The tensors along their first axis; (n,) counts as (1, n)."""
    return cat([_with_2(part) for part in _some(tensors, "vstack")], 0)


@public("dstack")
def dstack(tensors: Sequence[T], *, out: T | None = None) -> T:
    """The tensors along their third axis; (m, n) counts as (m, n, 1)."""
    return cat([_with_3(part) for part in _some(tensors, "dstack")], 2)


@public("column_stack")
def column_stack(tensors: Sequence[T], *, out: T | None = None) -> T:
    """The tensors as columns of a matrix: (n,) counts as (n, 1)."""
    parts = [reshape(part, (-1, 1)) if len(part.shape) < 2 else part for part in _some(tensors, "column_stack")]
    return cat(parts, 1)


def _some(tensors: Sequence[T], name: str) -> Sequence[T]:
    if not tensors:
        raise ArgumentError(f"{name} expects a non-empty TensorList")
    return tensors


@public("tensor_split")
def tensor_split(x: T, indices_or_sections: Any, dim: int = 0) -> tuple[T, ...]:
    """So many parts along `dim`, the first ones longer by one where it does not divide; or cut before given places.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.tensor_split.html

    >>> import knoll
    >>> knoll.tensor_split(knoll.tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
    """
    if not x.shape:
        raise StateError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims", got=str(x.shape)
        )
    axis = front(dim, len(x.shape))
    asked = indices_or_sections
    given = asked._realize().tolist() if isinstance(asked, TensorBase) else asked
    wanted = integers(given, "tensor_split", "indices_or_sections")
    length = x.shape[axis]
    if isinstance(wanted, int):
        if wanted < 1:
            raise StateError(f"number of sections must be larger than 0, got {wanted}")
        cuts = np.cumsum([0, *(length // wanted + (part < length % wanted) for part in range(wanted))]).tolist()
        starts, ends = cuts[:-1], cuts[1:]
    else:
        starts, ends = [0, *wanted], [*wanted, length]
    return tuple(picked(x, (slice(None),) * axis + (slice(a, b),)) for a, b in zip(starts, ends, strict=True))


def _along(name: str, x: T, sections: Any, least: int, axis: int) -> tuple[T, ...]:
    if len(x.shape) < least:
        raise StateError(
            f"torch.{name} requires a tensor with at least {least} dimension{'s' * (least > 1)}, but got a tensor with "
            f"{len(x.shape)} dimensions!"
        )
    if isinstance(sections, int) and (sections < 1 or x.shape[axis] % sections):
        raise StateError(
            f"torch.{name} attempted to split along dimension {axis}, but the size of the dimension {x.shape[axis]} "
            f"is not divisible by the split_size {sections}!"
        )
    return tensor_split(x, sections, axis)


@public("hsplit")
def hsplit(x: T, indices_or_sections: Any) -> tuple[T, ...]:
    """Equal parts along the second axis, or along the only one; or cut before given places. Raises StateError."""
    return _along("hsplit", x, indices_or_sections, 1, min(max(len(x.shape) - 1, 0), 1))


@public("vsplit")
def vsplit(x: T, indices_or_sections: Any) -> tuple[T, ...]:
    """Equal parts along the first axis, or cut before given places. Raises StateError for fewer than two axes."""
    return _along("vsplit", x, indices_or_sections, 2, 0)


@public("dsplit")
def dsplit(x: T, indices_or_sections: Any) -> tuple[T, ...]:
    """Equal parts along the third axis, or cut before given places. Raises StateError for fewer than three axes."""
    return _along("dsplit", x, indices_or_sections, 3, 2)


def broadcast_shapes(*shapes: Sequence[int] | int) -> Size:
    """The shape that arrays of these shapes repeat to. Raises ShapeError.

    >>> import knoll
    >>> tuple(knoll.broadcast_shapes((3, 1), (4,)))
    (3, 4)
    """
    found: tuple[int, ...] = ()
    for shape in shapes:
        sizes = integers(shape, "broadcast_shapes", "shapes")
        sizes = (sizes,) if isinstance(sizes, int) else sizes
        if any(size < 0 for size in sizes):
            raise ShapeError(
                f"Trying to create tensor with negative dimension {min(sizes)}: {list(sizes)}", got=str(sizes)
            )
        found = broadcast(found, sizes)
    return Size(found)


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """The tensors, each repeated to the shape of all of them. Raises ShapeError.

    Source: https://pytorch.org/docs/stable/generated/torch.broadcast_tensors.html

    >>> import knoll
    >>> [part.shape for part in knoll.broadcast_tensors(knoll.ones(3, 1), knoll.ones(4))]
    [(3, 4), (3, 4)]
    """
    parts: Any = _each(tensors, "broadcast_tensors")
    shape = broadcast_shapes(*(tuple(part.shape) for part in parts))
    return tuple(expand(part, shape) for part in parts)


def block_diag(*tensors: Any) -> Any:
    """The matrices along the diagonal of a larger one that is zero elsewhere. Raises ShapeError.

    >>> import knoll
    >>> knoll.block_diag(knoll.ones(1, 2), knoll.ones(2, 1)).shape
    (3, 3)
    """
    parts: Any = [_with_2(part) for part in _each(tensors, "block_diag")]
    for place, part in enumerate(parts):
        if len(part.shape) > 2:
            raise ShapeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {place} has "
                f"{len(part.shape)} dimensions"
            )
    width, before, rows = sum(part.shape[1] for part in parts), 0, []
    for part in parts:
        sides = (before, width - before - part.shape[1])
        left, right = (part._over(np.zeros((part.shape[0], side), part._dtype)) for side in sides)
        rows.append(cat([left, part, right], 1))
        before += part.shape[1]
    return cat(rows, 0)


def cartesian_prod(*tensors: Any) -> Any:
    """All tuples of one element of each vector, in the order of `itertools.product`: a row for each.

    >>> import knoll
    >>> knoll.cartesian_prod(knoll.tensor([1, 2]), knoll.tensor([3, 4])).tolist()
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    parts: Any = _each(tensors, "cartesian_prod")
    for part in parts:
        if len(part.shape) != 1:
            raise ShapeError(f"Expect a 1D vector, but got shape {list(part.shape)}")
    if len(parts) == 1:
        return parts[0]
    shape = [part.shape[0] for part in parts]
    grid = [
        reshape(expand(reshape(part, [-1 if axis == place else 1 for axis in range(len(parts))]), shape), (-1, 1))
        for place, part in enumerate(parts)
    ]
    return cat(grid, 1)
