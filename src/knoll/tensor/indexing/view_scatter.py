"""A copy of a tensor with another one in the place of a part: of a slice, of one entry of an axis, of a diagonal."""

from __future__ import annotations

import numpy as np

from knoll.errors import DimensionError, ShapeError, StateError
from knoll.graph import Array
from knoll.ops.indexing.index import frozen, put
from knoll.tensor.arguments import public
from knoll.tensor.base import T
from knoll.tensor.elementwise.arithmetic import cast
from knoll.tensor.indexing.diagonals import two_axes
from knoll.tensor.indexing.slices import selection
from knoll.tensor.record import apply
from knoll.tensor.shapes.shaping import front, reshape

__all__ = ["diagonal_scatter", "select_scatter", "slice_scatter"]


@public("select_scatter")
def select_scatter(x: T, src: T, dim: int, index: int) -> T:
    """x with `src` in the place of one entry of `dim`. Raises DimensionError, ShapeError.

    Source: https://pytorch.org/docs/stable/generated/torch.select_scatter.html

    >>> import knoll
    >>> knoll.select_scatter(knoll.zeros(2, 2), knoll.tensor([1.0, 2.0]), 0, 1)
    tensor([[0., 0.],
            [1., 2.]])
    """
    return _written(x, src, selection(x, dim, index))


@public("slice_scatter")
def slice_scatter(x: T, src: T, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> T:
    """x with `src` in the place of the slice `start:end:step` of `dim`. Raises DimensionError, ShapeError, StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.slice_scatter.html

    >>> import knoll
    >>> knoll.slice_scatter(knoll.zeros(4), knoll.ones(2), start=1, end=3)
    tensor([0., 1., 1., 0.])
    """
    axis = front(dim, len(x.shape))
    if not x.shape:
        raise DimensionError("slice() cannot be applied to a 0-dim tensor.")
    if step < 1:
        raise StateError("slice step must be positive")
    return _written(x, src, (slice(None),) * axis + (slice(start, end, step),))


@public("diagonal_scatter")
def diagonal_scatter(x: T, src: T, offset: int = 0, dim1: int = 0, dim2: int = 1) -> T:
    """x with `src` in the place of the diagonal of the axes `dim1` and `dim2`. Raises ShapeError, StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.diagonal_scatter.html

    >>> import knoll
    >>> knoll.diagonal_scatter(knoll.zeros(2, 2), knoll.tensor([1.0, 2.0]))
    tensor([[1., 0.],
            [0., 2.]])
    """
    first, second = two_axes(len(x.shape), dim1, dim2)
    numbered = np.arange(int(np.prod(x.shape))).reshape(x.shape)
    places: Array = numbered.diagonal(offset, first, second)
    _check(src.shape, places.shape)
    flat, part = reshape(x, (-1,)), reshape(cast(src, x._dtype), (-1,))
    index = type(x)._over(np.ascontiguousarray(places.reshape(-1)))
    return reshape(apply(put, flat, part, index, key=frozen((slice(None),)), axes=(0,))[0], x.shape)


def _written(x: T, src: T, key: tuple[int | slice, ...]) -> T:
    _check(src.shape, np.empty(x.shape, np.bool_)[key].shape)
    return apply(put, x, cast(src, x._dtype), key=frozen(key), axes=())[0]


def _check(given: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if given != wanted:
        raise ShapeError(
            "expected src to have a size equal to the slice of self. "
            f"src size = {list(given)}, slice size = {list(wanted)}"
        )
