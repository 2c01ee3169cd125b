"""Parts of a tensor: diagonals, windows, elements at places; and elements put, added or filled in at places."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import DimensionError, DTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.ops.dtypes import scalar_name
from knoll.ops.index import frozen, put
from knoll.tensor.arguments import Operand, Sizes, public
from knoll.tensor.arithmetic import add, cast, multiply
from knoll.tensor.base import T, TensorBase
from knoll.tensor.choose import where
from knoll.tensor.dtypes import bool_, int32, int64
from knoll.tensor.indexing import get
from knoll.tensor.inplace import change_some, check_leaf
from knoll.tensor.rearrange import on_diagonal, windows
from knoll.tensor.record import apply
from knoll.tensor.reductions import sum_
from knoll.tensor.scatter import scatter_add
from knoll.tensor.shaping import expand, front, permute, picked, reshape, sizes

__all__ = [
    "diag_embed",
    "diagflat",
    "diagonal",
    "index_add",
    "index_copy",
    "index_fill",
    "masked_scatter",
    "select",
    "take",
]


@public("diagonal")
def diagonal(x: T, offset: int = 0, dim1: int = 0, dim2: int = 1) -> T:
    """The diagonal of the axes `dim1` and `dim2`, as a new last axis: a view.

    Source: https://pytorch.org/docs/stable/generated/torch.diagonal.html

    >>> import knoll
    >>> knoll.diagonal(knoll.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    rank = len(x.shape)
    first, second = front(dim1, rank), front(dim2, rank)
    if first == second:
        raise StateError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return on_diagonal(x, offset, first, second)


@public("select")
def select(x: T, dim: int, index: int) -> T:
    """The part at one place of `dim`, without that axis: a view. Raises DimensionError."""
    axis = front(dim, len(x.shape))
    if not x.shape:
        raise DimensionError("select() cannot be applied to a 0-dim tensor.")
    if not -x.shape[axis] <= index < x.shape[axis]:
        raise DimensionError(
            f"select(): index {index} out of range for tensor of size {list(x.shape)} at dimension {axis}"
        )
    return picked(x, (slice(None),) * axis + (index,))


@public("unfold")
def unfold(x: T, dimension: int, size: int, step: int) -> T:
    """All windows of `size` elements along an axis, `step` apart: the window is a new last axis of this view.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.Tensor.unfold.html

    >>> import knoll
    >>> knoll.arange(5).unfold(0, 3, 2).tolist()
    [[0, 1, 2], [2, 3, 4]]
    """
    axis = front(dimension, len(x.shape))
    whole = x if x.shape else reshape(x, (1,))
    if size < 0 or size > whole.shape[axis]:
        raise StateError(f"maximum size for tensor at dimension {axis} is {whole.shape[axis]} but size is {size}")
    if step < 1:
        raise StateError(f"step is {step} but must be > 0")
    return windows(whole, axis, size, step) if x.shape else picked(whole, (slice(size),))


@public("sum_to_size")
def sum_to_size(x: T, *size: Sizes) -> T:
    """The sum over the axes along which a tensor of that size was repeated to the shape of x. Raises StateError."""
    shape = sizes(size, "sum_to_size", "size")
    extra = len(x.shape) - len(shape)
    if extra < 0 or any(to not in (1, own) for to, own in zip(shape, x.shape[extra:], strict=True)):
        raise StateError(f"size {{{list(shape)}}} is not expandable to size {{{list(x.shape)}}}.")
    axes = [axis for axis, own in enumerate(x.shape) if axis < extra or shape[axis - extra] != own]
    return reshape(sum_(x, axes), shape) if axes else x


@public("diag_embed")
def diag_embed(x: T, offset: int = 0, dim1: int = -2, dim2: int = -1) -> T:
    """Matrices with the last axis of x on their diagonal, in the axes `dim1` and `dim2`. Raises StateError.

    >>> import knoll
    >>> knoll.diag_embed(knoll.tensor([1, 2])).tolist()
    [[1, 0], [0, 2]]
    """
    rank = len(x.shape) + 1
    first, second = front(dim1, rank), front(dim2, rank)
    if first == second:
        raise StateError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
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
    """A matrix with all elements of x on its diagonal."""
    return diag_embed(reshape(x, (-1,)), offset)


@public("take")
def take(x: T, index: T) -> T:
    """The elements at places counted in reading order, in the shape of `index`. Raises StateError.

    >>> import knoll
    >>> knoll.take(knoll.tensor([[1, 2], [3, 4]]), knoll.tensor([3, 0]))
    tensor([4, 1])
    """
    _check_index("take", index)
    return get(reshape(x, (-1,)), index)


def _check_index(name: str, index: TensorBase) -> None:
    if index._dtype not in (int32, int64):
        raise DTypeError(f"{name}(): Expected dtype int32/int64 for index", got=scalar_name(index._dtype))


def _placed(name: str, x: T, dim: int, index: T, part: T) -> tuple[T, int]:
    """The places of `part`, which has as many along `dim` as `index`, repeated along the other axes; and the axis."""
    _check_index(name, index)
    axis = front(dim, len(x.shape))
    wanted = (*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])
    if len(index.shape) > 1 or tuple(part.shape) != wanted:
        raise ShapeError(
            f"{name}(): source and destination must have the same shape, but for the places along dimension {axis}",
            expected=str(wanted),
            got=f"{tuple(part.shape)}, index {tuple(index.shape)}",
        )
    numbers = index._realize()
    size = x.shape[axis]
    if numbers.size and not (-size <= numbers.min() and numbers.max() < size):
        raise StateError("index out of range in self", got=str(numbers.tolist()[:8]))
    shape = [-1 if place == axis else 1 for place in range(len(x.shape))]
    return expand(reshape(type(x)._over(numbers % max(size, 1)), shape), wanted), axis


@public("index_add")
def index_add(x: T, dim: int, index: T, source: T, *, alpha: float = 1, out: T | None = None) -> T:
    """x with `alpha` · `source` added at the places `index` along `dim`. Raises ShapeError, StateError, DTypeError.

    >>> import knoll
    >>> knoll.index_add(knoll.tensor([1, 1, 1]), 0, knoll.tensor([0, 0]), knoll.tensor([2, 3]))
    tensor([6, 1, 1])
    """
    places, axis = _placed("index_add", x, dim, index, source)
    return scatter_add(x, axis, places, source if alpha == 1 else cast(multiply(source, alpha), source._dtype))


@public("index_copy")
def index_copy(x: T, dim: int, index: T, source: T, *, out: T | None = None) -> T:
    """x with `source` at the places `index` along `dim`. Raises ShapeError, StateError, DTypeError."""
    _placed("index_copy", x, dim, index, source)
    return _put(x, front(dim, len(x.shape)), index, source)


@public("index_fill")
def index_fill(x: T, dim: int, index: T, value: Operand) -> T:
    """x with one value at the places `index` along `dim`. Raises DTypeError."""
    _check_index("index_fill", index)
    given: TensorBase = value if isinstance(value, TensorBase) else type(x)._over(np.asarray(value, x._dtype))
    return _put(x, front(dim, len(x.shape)), index, given)


def written_by_fill(numbers: Array, dim: int, index: TensorBase, _: Any) -> Array:
    """Which elements `index_fill` writes, of the numbers of all."""
    return np.take(numbers, np.asarray(index._realize(), np.int64), front(dim, numbers.ndim))


def _put(x: T, axis: int, index: TensorBase, part: Any) -> T:
    whole = (*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])
    key = frozen((slice(None),) * len(x.shape))
    placed: T = apply(put, x, expand(cast(part, x._dtype), whole), index, key=key, axes=(axis,))[0]
    return placed


@public("masked_scatter")
def masked_scatter(x: T, mask: T, source: T) -> T:
    """x with the elements of `source`, in reading order, where the mask holds. Raises DTypeError, StateError."""
    if mask._dtype != bool_:
        raise DTypeError("masked_scatter_ only supports boolean masks", got=scalar_name(mask._dtype))
    held: T = expand(mask, x.shape)
    order = np.cumsum(held._realize()).reshape(held.shape) - 1
    flat = reshape(source, (-1,))
    if order.size and order.max(initial=-1) >= flat.shape[0]:
        raise StateError("Number of elements of source < number of ones in mask")
    if not flat.shape[0]:
        return add(x, 0)
    return where(held, get(flat, type(x)._over(order.clip(0))), x)


@public("fill_diagonal_")
def fill_diagonal_(x: T, fill_value: float, wrap: bool = False) -> T:
    """Fill the main diagonal with one value, in place; with `wrap` it begins anew below. Raises StateError."""
    check_leaf(x)
    if len(x.shape) < 2:
        raise StateError("dimensions must larger than 1")
    places = np.zeros(x.shape, np.bool_)
    np.fill_diagonal(places, True, wrap)
    mask: T = type(x)._over(places)
    value: T = type(x)._over(np.asarray(fill_value, x._dtype))
    return change_some(x, lambda former: where(mask, value, former), lambda numbers: numbers[places])


@public("where")
def where_else(x: T, condition: T, other: Operand) -> T:
    """x where the condition holds, `other` elsewhere.

    >>> import knoll
    >>> knoll.tensor([1, 2]).where(knoll.tensor([True, False]), 0)
    tensor([1, 0])
    """
    return where(condition, x, other)
