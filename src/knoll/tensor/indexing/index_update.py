"""A copy of a tensor with other elements at indices along an axis, or where a mask holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import DTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.ops.dtypes import scalar_name
from knoll.ops.indexing.index import frozen, put
from knoll.tensor.arguments import Operand, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import bool_, fitting
from knoll.tensor.elementwise.arithmetic import cast, multiply, remainder
from knoll.tensor.elementwise.choose import where
from knoll.tensor.indexing.gather import check_index
from knoll.tensor.indexing.scatter import scatter_add
from knoll.tensor.indexing.subscript import get
from knoll.tensor.mapped import mapped_call
from knoll.tensor.record import apply
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.shapes.shaping import front, reshape
from knoll.tensor.storage.copying import clone

__all__ = ["index_add", "index_copy", "index_fill", "masked_scatter"]


@public("index_add")
def index_add(x: T, dim: int, index: T, source: T, *, alpha: float = 1, out: T | None = None) -> T:
    """x with `alpha` · `source` added at the places `index` along `dim`. Raises ShapeError, StateError, DTypeError.

    >>> import knoll
    >>> knoll.index_add(knoll.tensor([1, 1, 1]), 0, knoll.tensor([0, 0]), knoll.tensor([2, 3]))
    tensor([6, 1, 1])
    """
    if not x.shape:
        return reshape(index_add(_row(x), dim, index, _row(source), alpha=alpha), ())
    places, axis = _placed("index_add", x, dim, index, source)
    return scatter_add(x, axis, places, source if alpha == 1 else cast(multiply(source, alpha), source._dtype))


@public("index_copy")
def index_copy(x: T, dim: int, index: T, source: T, *, out: T | None = None) -> T:
    """x with `source` at the places `index` along `dim`. Raises ShapeError, StateError, DTypeError.

    Source: https://pytorch.org/docs/stable/generated/torch.index_copy.html

    >>> import knoll
    >>> knoll.index_copy(knoll.zeros(3), 0, knoll.tensor([2, 0]), knoll.tensor([5.0, 6.0]))
    tensor([6., 0., 5.])
    """
    if not x.shape:
        return reshape(index_copy(_row(x), dim, index, _row(source)), ())
    _placed("index_copy", x, dim, index, source)
    return _written(x, front(dim, len(x.shape)), index, source)


@public("index_fill")
def index_fill(x: T, dim: int, index: T, value: Operand) -> T:
    """x with one value at the places `index` along `dim`. Raises DTypeError.

    Source: https://pytorch.org/docs/stable/generated/torch.index_fill.html

    >>> import knoll
    >>> knoll.index_fill(knoll.zeros(3), 0, knoll.tensor([0, 2]), 7)
    tensor([7., 0., 7.])
    """
    if not x.shape:
        return reshape(index_fill(_row(x), dim, index, value), ())
    check_index("index_fill", index)
    given: TensorBase = value if isinstance(value, TensorBase) else type(x)._over(fitting(value, x._dtype))
    return _written(x, front(dim, len(x.shape)), index, given)


def written_by_fill(numbers: Array, dim: int, index: TensorBase, _: Any) -> Array:
    """Which elements `index_fill` writes, of the numbers of all."""
    rows = numbers.reshape(numbers.shape or (1,))
    return np.take(rows, np.asarray(index._realize(), np.int64), front(dim, rows.ndim))


def _row(x: T) -> T:
    """A single number as one row, in which index 0 is its place."""
    return x if x.shape else reshape(x, (1,))


def _placed(name: str, x: T, dim: int, index: T, part: T) -> tuple[T, int]:
    """The places of `part`, which has as many along `dim` as `index`, repeated along the other axes; and the axis."""
    check_index(name, index)
    axis = front(dim, len(x.shape))
    wanted = (*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])
    if len(index.shape) > 1 or tuple(part.shape) != wanted:
        raise ShapeError(
            f"{name}(): source and destination must have the same shape, but for the places along dimension {axis}",
            expected=str(wanted),
            got=f"{tuple(part.shape)}, index {tuple(index.shape)}",
        )
    size = x.shape[axis]
    shape = [-1 if place == axis else 1 for place in range(len(x.shape))]
    if mapped_call(index) is not None:
        return expand(reshape(remainder(index, max(size, 1)), shape), wanted), axis
    numbers = index._realize()
    if numbers.size and not (-size <= numbers.min() and numbers.max() < size):
        raise StateError("index out of range in self", got=str(numbers.tolist()[:8]))
    return expand(reshape(type(x)._over(numbers % max(size, 1)), shape), wanted), axis


def _written(x: T, axis: int, index: TensorBase, part: Any) -> T:
    whole = (*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])
    key = frozen((slice(None),) * len(x.shape))
    placed: T = apply(put, x, expand(cast(part, x._dtype), whole), index, key=key, axes=(axis,))[0]
    return placed


@public("masked_scatter")
def masked_scatter(x: T, mask: T, source: T) -> T:
    """x with the elements of `source`, in reading order, where the mask holds. Raises DTypeError, StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.masked_scatter.html

    >>> import knoll
    >>> knoll.masked_scatter(knoll.zeros(3), knoll.tensor([True, False, True]), knoll.tensor([5.0, 6.0]))
    tensor([5., 0., 6.])
    """
    if mask._dtype != bool_:
        raise DTypeError("masked_scatter_ only supports boolean masks", got=scalar_name(mask._dtype))
    held: T = expand(mask, x.shape)
    order = np.cumsum(held._realize()).reshape(held.shape) - 1
    flat = reshape(source, (-1,))
    if order.size and order.max(initial=-1) >= flat.shape[0]:
        raise StateError("Number of elements of source < number of ones in mask")
    if not flat.shape[0]:
        return clone(x)
    return where(held, get(flat, type(x)._over(order.clip(0))), x)
