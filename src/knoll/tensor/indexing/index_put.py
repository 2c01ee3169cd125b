"""Values put, or added, where a tensor of indices for each axis points, or a mask."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, DTypeError
from knoll.graph import Array
from knoll.ops.dtypes import scalar_name
from knoll.ops.indexing.index import elements, frozen, put
from knoll.tensor.arguments import public, tensors, unchecked
from knoll.tensor.base import T, TensorBase
from knoll.tensor.indexing.scatter import scatter_add
from knoll.tensor.indexing.subscript import check_fits, resolved, warn_of_put
from knoll.tensor.record import apply
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.shapes.shaping import reshape
from knoll.tensor.storage.mutation import change_some, check_leaf
from knoll.tensor.storage.overlap import first_in_memory

__all__ = ["index_put"]


@public("index_put")
def index_put(x: T, indices: tuple[T, ...], values: T, accumulate: bool = False) -> T:
    """x with `values` at places, an index for each axis; or added there, if they `accumulate`.

    Raises DTypeError where values have another element type, ShapeError where they do not broadcast to the places.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html

    >>> import knoll
    >>> knoll.index_put(knoll.zeros(3), (knoll.tensor([0, 0]),), knoll.tensor([1.0, 2.0]), accumulate=True)
    tensor([3., 0., 0.])
    """
    _check_places(indices, x, values)
    basic, axes, where = resolved(tuple(indices), x.shape, kept=True)
    values = check_fits(x, basic, axes, where, values)
    if not accumulate:
        places = (index if isinstance(index, TensorBase) else x._over(index) for index in where)
        result: T = apply(put, x, values, *places, key=frozen(basic), axes=axes)[0]  # type: ignore[assignment]  # of the class of x
        return result
    return _added(x, _numbers(x), indices, values)


@public("index_put_")
def index_put_(x: T, indices: tuple[T, ...], values: T, accumulate: bool = False) -> T:
    """`values` at places, an index for each axis, or added there, if they `accumulate`; in place."""
    _check_places(indices, x, values)
    check_leaf(x)
    warn_of_put(x, tuple(indices), values)
    first = first_in_memory(x)
    if not accumulate or first is None:
        put_or_added = unchecked(index_put)
        return change_some(
            x,
            lambda former: put_or_added(former, indices, values, accumulate),
            lambda numbers: _written(numbers, indices),
        )
    numbers = first  # elements that are one in memory add to one number
    return change_some(x, lambda former: _added(former, numbers, indices, values), lambda _: _written(numbers, indices))


def _numbers(x: TensorBase) -> Array:
    return np.arange(math.prod(x.shape)).reshape(x.shape)


def _added(x: T, numbers: Array, indices: tuple[T, ...], values: T) -> T:
    """x with `values` added to the elements of these numbers."""
    places = _written(numbers, indices)
    part = reshape(expand(values, places.shape), (-1,))
    return reshape(scatter_add(reshape(x, (-1,)), 0, type(x)._over(places.reshape(-1)), part), x.shape)


def _written(numbers: Array, indices: tuple[Any, ...]) -> Array:
    """Which elements `index_put` writes, of the numbers of all."""
    basic, axes, where = resolved(tuple(indices), numbers.shape)
    return elements(numbers, basic, axes, where)


def _check_places(indices: Any, x: TensorBase, values: TensorBase) -> None:
    if isinstance(indices, TensorBase):
        raise ArgumentTypeError("index_put(): argument 'indices' (position 1) must be tuple of Tensors, not Tensor")
    tensors(indices, "index_put", "indices")
    if x._dtype != values._dtype:
        own, given = (scalar_name(each._dtype) for each in (x, values))
        raise DTypeError(
            f"Index put requires the source and destination dtypes match, got {own} for the destination and {given} "
            "for the source."
        )
