"""Several tensors as one: one behind the other, along a new axis, along a diagonal, in all combinations.

Source: https://pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations as chosen
from itertools import combinations_with_replacement as chosen_again
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ShapeError, StateError
from knoll.ops.shapes import reshape as ops
from knoll.tensor.arguments import public
from knoll.tensor.base import T
from knoll.tensor.dtypes import result_type
from knoll.tensor.elementwise.arithmetic import cast
from knoll.tensor.indexing.subscript import get
from knoll.tensor.record import apply
from knoll.tensor.shapes.broadcasting import each_of, one_axis, three_axes, two_axes
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.shapes.shaping import front, reshape, unsqueeze

__all__ = ["block_diag", "cartesian_prod", "cat", "column_stack", "combinations", "dstack", "hstack", "stack", "vstack"]


@public("cat")
def cat(tensors: Sequence[T], dim: int = 0, *, out: T | None = None) -> T:
    """The tensors, one behind the other along `dim`.

    Raises ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.cat.html

    >>> import knoll
    >>> knoll.cat((knoll.tensor([1, 2]), knoll.tensor([3])))
    tensor([1, 2, 3])
    """
    if not tensors:
        raise ArgumentError("torch.cat(): expected a non-empty list of Tensors")
    for place, part in enumerate(tensors):
        if not part.shape:
            raise ShapeError(f"zero-dimensional tensor (at position {place}) cannot be concatenated")
    parts = [part for part in tensors if part.shape != (0,)] or list(tensors)
    dtype = result_type(*tensors)
    axis = front(dim, len(parts[0].shape))
    return apply(ops.concatenate, *(cast(part, dtype) for part in parts), axis=axis)[0]


@public("stack")
def stack(tensors: Sequence[T], dim: int = 0, *, out: T | None = None) -> T:
    """The tensors, of one shape, along a new axis `dim`.

    Raises ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.stack.html

    >>> import knoll
    >>> knoll.stack((knoll.tensor([1, 2]), knoll.tensor([3, 4])))
    tensor([[1, 2],
            [3, 4]])
    """
    if not tensors:
        raise ArgumentError("stack expects a non-empty TensorList")
    for place, part in enumerate(tensors):
        if part.shape != tensors[0].shape:
            raise ShapeError(
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry 0 "
                f"and {list(part.shape)} at entry {place}"
            )
    return cat([unsqueeze(part, dim) for part in tensors], dim)


@public("hstack")
def hstack(tensors: Sequence[T], *, out: T | None = None) -> T:
    """The tensors along their second axis, or along the only one that they have.

    Source: https://pytorch.org/docs/stable/generated/torch.hstack.html

    >>> import knoll
    >>> knoll.hstack((knoll.tensor([1, 2]), knoll.tensor([3])))
    tensor([1, 2, 3])
    """
    parts = [one_axis(part) for part in _not_empty(tensors, "hstack")]
    return cat(parts, min(len(parts[0].shape) - 1, 1))


@public("vstack")
def vstack(tensors: Sequence[T], *, out: T | None = None) -> T:
    """The tensors along their first axis; (n,) counts as (1, n).

    Source: https://pytorch.org/docs/stable/generated/torch.vstack.html

    >>> import knoll
    >>> knoll.vstack((knoll.tensor([1, 2]), knoll.tensor([3, 4])))
    tensor([[1, 2],
            [3, 4]])
    """
    return cat([two_axes(part) for part in _not_empty(tensors, "vstack")], 0)


@public("dstack")
def dstack(tensors: Sequence[T], *, out: T | None = None) -> T:
    """The tensors along their third axis; (m, n) counts as (m, n, 1).

    Source: https://pytorch.org/docs/stable/generated/torch.dstack.html

    >>> import knoll
    >>> knoll.dstack((knoll.tensor([1, 2]), knoll.tensor([3, 4])))
    tensor([[[1, 3],
             [2, 4]]])
    """
    return cat([three_axes(part) for part in _not_empty(tensors, "dstack")], 2)


@public("column_stack")
def column_stack(tensors: Sequence[T], *, out: T | None = None) -> T:
    """The tensors as columns of a matrix: (n,) counts as (n, 1).

    Source: https://pytorch.org/docs/stable/generated/torch.column_stack.html

    >>> import knoll
    >>> knoll.column_stack((knoll.tensor([1, 2]), knoll.tensor([3, 4])))
    tensor([[1, 3],
            [2, 4]])
    """
    parts = [reshape(part, (-1, 1)) if len(part.shape) < 2 else part for part in _not_empty(tensors, "column_stack")]
    return cat(parts, 1)


def _not_empty(tensors: Sequence[T], name: str) -> Sequence[T]:
    if not tensors:
        raise ArgumentError(f"{name} expects a non-empty TensorList")
    return tensors


def block_diag(*tensors: Any) -> Any:
    """The matrices along the diagonal of a larger one that is zero elsewhere. Raises ShapeError.

    >>> import knoll
    >>> knoll.block_diag(knoll.ones(1, 2), knoll.ones(2, 1)).shape
    (3, 3)
    """
    parts: Any = [two_axes(part) for part in each_of(tensors, "block_diag")]
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
    parts: Any = each_of(tensors, "cartesian_prod")
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


@public("combinations")
def combinations(x: T, r: int = 2, with_replacement: bool = False) -> T:
    """All choices of `r` elements of a vector, a row for each, in order; `with_replacement` may choose one again.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.combinations.html

    >>> import knoll
    >>> knoll.combinations(knoll.tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    if len(x.shape) != 1:
        raise StateError(f"Expect a 1D vector, but got shape {list(x.shape)}")
    if r < 0:
        raise StateError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return type(x)._over(np.zeros(0, x._dtype))
    rows = list((chosen_again if with_replacement else chosen)(range(x.shape[0]), r))
    return get(x, type(x)._over(np.asarray(rows, np.int64).reshape(-1, r)))
