"""Running sums, products and extremes along an axis, and differences, which undo running sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from knoll import return_types
from knoll.errors import StateError
from knoll.graph import Op
from knoll.ops.reduction import scan as ops
from knoll.tensor.arguments import Targets, public
from knoll.tensor.base import T
from knoll.tensor.dtypes import bool_, dtype_of
from knoll.tensor.elementwise.arithmetic import cast, subtract
from knoll.tensor.elementwise.logic import logical_xor
from knoll.tensor.indexing.gather import gather
from knoll.tensor.record import apply
from knoll.tensor.shapes.joining import cat
from knoll.tensor.shapes.shaping import front, picked, reshape
from knoll.tensor.storage.copying import clone

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "diff"]


@public("cumsum")
def cumsum(x: T, dim: int, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """Each element plus all before it along `dim`.

    Source: https://pytorch.org/docs/stable/generated/torch.cumsum.html

    >>> import knoll
    >>> knoll.cumsum(knoll.tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """
    return _scanned(ops.cumsum, x, dim, dtype)


@public("cumprod")
def cumprod(x: T, dim: int, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """Each element times all before it along `dim`.

    Source: https://pytorch.org/docs/stable/generated/torch.cumprod.html

    >>> import knoll
    >>> knoll.cumprod(knoll.tensor([1.0, 2.0, 3.0]), dim=0)
    tensor([1., 2., 6.])
    """
    return _scanned(ops.cumprod, x, dim, dtype)


def _scanned(op: Op, x: T, dim: int, dtype: DTypeLike | None) -> T:
    x = x if dtype is None else cast(x, dtype_of(dtype))
    axis = front(dim, len(x.shape))
    whole = x if x.shape else reshape(x, (1,))
    made = reshape(apply(op, whole, axis=axis)[0], x.shape)
    return made if dtype is None else cast(made, dtype_of(dtype))


@public("cummax")
def cummax(x: T, dim: int, *, out: Targets = None) -> return_types.Extreme[T]:
    """The largest element so far along `dim`, and where it stands: the last of those that tie.

    >>> import knoll
    >>> knoll.cummax(knoll.tensor([1, 3, 2]), 0).values
    tensor([1, 3, 3])
    """
    return return_types.cummax(*_running(x, dim, np.greater_equal))


@public("cummin")
def cummin(x: T, dim: int, *, out: Targets = None) -> return_types.Extreme[T]:
    """The smallest element so far along `dim`, and where it stands: the last of those that tie.

    Source: https://pytorch.org/docs/stable/generated/torch.cummin.html

    >>> import knoll
    >>> knoll.cummin(knoll.tensor([3.0, 1.0, 2.0, 1.0]), dim=0)
    knoll.return_types.cummin(
    values=tensor([3., 1., 1., 1.]),
    indices=tensor([0, 1, 1, 3]))
    """
    return return_types.cummin(*_running(x, dim, np.less_equal))


def _running(x: T, dim: int, wins: Any) -> tuple[T, T]:
    axis = front(dim, len(x.shape))
    if not x.shape:
        return clone(x), type(x)._over(np.array(0))
    numbers = np.moveaxis(x._realize(), axis, 0)
    best = np.zeros(numbers.shape, np.int64)
    for place in range(1, len(numbers)):
        former = np.take_along_axis(numbers, best[place - 1 : place], 0)[0]
        taken = wins(numbers[place], former) | np.isnan(numbers[place])
        best[place] = np.where(taken, place, best[place - 1])
    places: T = type(x)._over(np.ascontiguousarray(np.moveaxis(best, 0, axis)))
    return gather(x, axis, places), places


@public("diff")
def diff(x: T, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> T:
    """Each element less the one before it along `dim`, `n` times over; `prepend` and `append` stand around x.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.diff.html

    >>> import knoll
    >>> knoll.diff(knoll.tensor([1, 4, 9]))
    tensor([3, 5])
    """
    if not x.shape:
        raise StateError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise StateError(f"order must be non-negative but got {n}")
    axis = front(dim, len(x.shape))
    around = [part for part in (prepend, x, append) if part is not None]
    whole = cat(around, axis) if len(around) > 1 else x
    for _ in range(n):
        later, former = (picked(whole, (slice(None),) * axis + (part,)) for part in (slice(1, None), slice(-1)))
        whole = logical_xor(later, former) if x._dtype == bool_ else subtract(later, former)
    return whole
