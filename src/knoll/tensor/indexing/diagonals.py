"""Diagonals of matrices, and the triangles beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array
from knoll.ops.indexing.index import frozen, put
from knoll.ops.shapes.strided import ALL
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import fitting
from knoll.tensor.elementwise.choose import where
from knoll.tensor.indexing.slices import steps_along
from knoll.tensor.record import apply
from knoll.tensor.reduction.reduce import sum_
from knoll.tensor.shapes.shaping import front, permute, reshape, strided
from knoll.tensor.storage.copying import clone
from knoll.tensor.storage.mutation import change_some, check_leaf

__all__ = ["diag", "diag_embed", "diagflat", "diagonal", "trace", "tril", "triu"]


@public("diagonal")
def diagonal(x: T, offset: int = 0, dim1: int = 0, dim2: int = 1) -> T:
    """The diagonal of the axes `dim1` and `dim2`, as a new last axis: a view.

    Source: https://pytorch.org/docs/stable/generated/torch.diagonal.html

    >>> import knoll
    >>> knoll.diagonal(knoll.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    first, second = two_axes(len(x.shape), dim1, dim2)
    return on_diagonal(x, offset, first, second)


def two_axes(rank: int, dim1: int, dim2: int) -> tuple[int, int]:
    """Two axes, counted from the front. Raises StateError where they are the same one."""
    first, second = front(dim1, rank), front(dim2, rank)
    if first == second:
        raise StateError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return first, second


def on_diagonal(x: T, offset: int = 0, first: int = 0, second: int = 1) -> T:
    """The view of the elements whose place on `second` is `offset` more than on `first`, along a new last axis."""
    rank = len(x.shape)
    rest = [axis for axis in range(rank) if axis not in (first, second)]
    length = max(min(x.shape[first] - max(-offset, 0), x.shape[second] - max(offset, 0)), 0)
    begins = {first: max(-offset, 0), second: max(offset, 0)} if length else {}
    whole = tuple((ALL, steps_along(rank, axis)) for axis in rest)
    start = tuple(begins.get(axis, 0) for axis in range(rank))
    return strided(x, start, (*whole, (length, steps_along(rank, first, second))))


@public("diag")
def diag(x: T, diagonal: int = 0, *, out: T | None = None) -> T:
    """The diagonal of a matrix, or a matrix with a vector on its diagonal; `diagonal` counts from the main one up.

    Raises StateError for anything else. Source: https://pytorch.org/docs/stable/generated/torch.diag.html

    >>> import knoll
    >>> knoll.diag(knoll.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    if len(x.shape) == 2:
        return clone(on_diagonal(x, diagonal))
    if len(x.shape) != 1:
        raise StateError(f"diag(): Supports 1D or 2D tensors. Got {len(x.shape)}D")
    zeros: T = type(x)._over(np.zeros((x.shape[0] + abs(diagonal),) * 2, x._dtype))
    places = tuple(np.arange(x.shape[0]) + max(step, 0) for step in (-diagonal, diagonal))
    return apply(put, zeros, x, *map(_places(x), places), key=frozen((slice(None), slice(None))), axes=(0, 1))[0]


@public("diag_embed")
def diag_embed(x: T, offset: int = 0, dim1: int = -2, dim2: int = -1) -> T:
    """Matrices with the last axis of x on their diagonal, in the axes `dim1` and `dim2`. Raises StateError.

    >>> import knoll
    >>> knoll.diag_embed(knoll.tensor([1, 2])).tolist()
    [[1, 0], [0, 2]]
    """
    rank = len(x.shape) + 1
    first, second = two_axes(rank, dim1, dim2)
    length, side = x.shape[-1], x.shape[-1] + abs(offset)
    zeros: T = type(x)._over(np.zeros((*x.shape[:-1], side, side), x._dtype))
    rows, columns = (type(x)._over(np.arange(length) + max(step, 0)) for step in (-offset, offset))
    axes = (rank - 2, rank - 1)
    whole = apply(put, zeros, x, rows, columns, key=frozen((slice(None),) * rank), axes=axes)[0]
    order = [axis for axis in range(rank) if axis not in (first, second)]
    places = [*order, first, second]
    return permute(whole, [places.index(axis) for axis in range(rank)])


@public("diagflat")
def diagflat(x: T, offset: int = 0) -> T:
    """A matrix with all elements of x on its diagonal.

    Source: https://pytorch.org/docs/stable/generated/torch.diagflat.html

    >>> import knoll
    >>> knoll.diagflat(knoll.tensor([[1, 2]]), offset=1)
    tensor([[0, 1, 0],
            [0, 0, 2],
            [0, 0, 0]])
    """
    return diag_embed(reshape(x, (-1,)), offset)


@public("fill_diagonal_")
def fill_diagonal_(x: T, fill_value: float, wrap: bool = False) -> T:
    """Fill the main diagonal with one value, in place; with `wrap` it begins anew below. Raises StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.fill_diagonal_.html

    >>> import knoll
    >>> knoll.zeros(2, 3).fill_diagonal_(5)
    tensor([[5., 0., 0.],
            [0., 5., 0.]])
    """
    check_leaf(x)
    if len(x.shape) < 2:
        raise StateError("dimensions must larger than 1")
    places = np.zeros(x.shape, np.bool_)
    np.fill_diagonal(places, True, wrap)
    mask: T = type(x)._over(places)
    value: T = type(x)._over(fitting(fill_value, x._dtype))
    return change_some(x, lambda former: where(mask, value, former), lambda numbers: numbers[places])


@public("trace")
def trace(x: T) -> T:
    """The sum of the main diagonal of a matrix. Raises StateError for anything else.

    Source: https://pytorch.org/docs/stable/generated/torch.trace.html

    >>> import knoll
    >>> knoll.trace(knoll.tensor([[1, 2], [3, 4]]))
    tensor(5)
    """
    if len(x.shape) != 2:
        raise StateError("trace: expected a matrix", got=str(tuple(x.shape)))
    return sum_(on_diagonal(x))


@public("tril")
def tril(x: T, diagonal: int = 0, *, out: T | None = None) -> T:
    """Each matrix with zeros above the given diagonal. Raises StateError for fewer than two axes.

    Source: https://pytorch.org/docs/stable/generated/torch.tril.html

    >>> import knoll
    >>> knoll.tril(knoll.tensor([[1, 2], [3, 4]]))
    tensor([[1, 0],
            [3, 4]])
    """
    return _triangle("tril", x, lambda: _below(x, diagonal))


@public("triu")
def triu(x: T, diagonal: int = 0, *, out: T | None = None) -> T:
    """Each matrix with zeros below the given diagonal. Raises StateError for fewer than two axes.

    Source: https://pytorch.org/docs/stable/generated/torch.triu.html

    >>> import knoll
    >>> knoll.triu(knoll.tensor([[1, 2], [3, 4]]))
    tensor([[1, 2],
            [0, 4]])
    """
    return _triangle("triu", x, lambda: ~_below(x, diagonal - 1))


def written_by_tril(numbers: Array, diagonal: int = 0) -> Array:
    """Which elements `tril` makes zero, of the numbers of all."""
    return numbers[..., ~_below(numbers, diagonal)]


def written_by_triu(numbers: Array, diagonal: int = 0) -> Array:
    """Which elements `triu` makes zero, of the numbers of all."""
    return numbers[..., _below(numbers, diagonal - 1)]


def _below(x: TensorBase | Array, diagonal: int) -> Array:
    """Whether elements of a matrix lie on a diagonal or below it."""
    rows, columns = x.shape[-2:]
    return np.tri(rows, columns, max(-rows, min(columns, diagonal)), np.bool_)  # NumPy counts on from the diagonal


def _triangle(name: str, x: T, kept: Callable[[], Array]) -> T:
    if len(x.shape) < 2:
        raise StateError(f"{name}: input tensor must have at least 2 dimensions")
    mask: T = type(x)._over(kept())
    zero: T = type(x)._over(np.zeros((), x._dtype))
    return where(mask, x, zero)


def _places(x: T) -> Callable[[Any], T]:
    over: Callable[[Any], T] = type(x)._over
    return over
