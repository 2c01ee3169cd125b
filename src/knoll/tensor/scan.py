"""Running sums and products, logarithms of sums, and what stands in a tensor how often."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import DimensionError, StateError
from knoll.graph import Op
from knoll.ops import scan as ops
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.running import logcumsumexp as logcumsumexp_op
from knoll.tensor.arguments import Dims, public
from knoll.tensor.arithmetic import add, cast, not_equal, subtract
from knoll.tensor.base import T, TensorBase
from knoll.tensor.choose import where
from knoll.tensor.dtypes import dtype_of, floating
from knoll.tensor.exponential import exp, log
from knoll.tensor.gradients import detach
from knoll.tensor.predicates import isfinite
from knoll.tensor.record import apply
from knoll.tensor.reductions import Extreme, amax, argsort, axes_of, gather, sort, sum_
from knoll.tensor.shaping import front, picked, reshape

__all__ = [
    "bincount",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "logcumsumexp",
    "logsumexp",
    "median",
    "nanmedian",
    "prod",
    "unique",
]


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
    """Each element times all before it along `dim`."""
    return _scanned(ops.cumprod, x, dim, dtype)


def _scanned(op: Op, x: T, dim: int, dtype: DTypeLike | None) -> T:
    x = x if dtype is None else cast(x, dtype_of(dtype))
    axis = front(dim, len(x.shape))
    whole = x if x.shape else reshape(x, (1,))
    made = reshape(apply(op, whole, axis=axis)[0], x.shape)
    return made if dtype is None else cast(made, dtype_of(dtype))


@public("prod")
def prod(
    x: T, dim: int | None = None, keepdim: bool = False, dtype: DTypeLike | None = None, *, out: T | None = None
) -> T:
    """The product over `dim`, or over everything; integers and truths are multiplied as int64.

    Source: https://pytorch.org/docs/stable/generated/torch.prod.html
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    made = apply(ops.prod, x, axes=axes_of(x, dim), keep=keepdim)[0]
    return made if dtype is None else cast(made, dtype_of(dtype))


@public("logsumexp")
def logsumexp(x: T, dim: Dims, keepdim: bool = False, *, out: T | None = None) -> T:
    """The logarithm of the sum of exp(x) over `dim`, without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.logsumexp.html
    """
    wide = cast(x, floating(x))
    if not wide.shape or 0 in wide.shape:
        return log(sum_(exp(wide), dim, keepdim))
    highest = detach(amax(wide, dim, keepdim=True))
    shift: T = where(isfinite(highest), highest, 0)
    summed = log(sum_(exp(subtract(wide, shift)), dim, keepdim))
    return add(summed, reshape(shift, summed.shape))


@public("count_nonzero")
def count_nonzero(x: T, dim: Dims = None) -> T:
    """How many elements are not zero, over `dim` or over everything."""
    return sum_(not_equal(x, 0), dim)


@public("median")
def median(x: T, dim: int | None = None, keepdim: bool = False) -> Any:
    """The element in the middle, the lower one of two; along `dim` with its place. NaN wins.

    Source: https://pytorch.org/docs/stable/generated/torch.median.html
    """
    _check_middle(x)
    if dim is None:
        flat = reshape(x, (-1,))
        return median(flat, 0).values if flat.shape[0] else _no_middle(x)
    axis = front(dim, len(x.shape))
    if not x.shape:
        return Extreme(x, type(x)._over(np.array(0)))
    _check_reduced(x, axis)
    values, order = sort(x, axis)
    middle = (slice(None),) * axis + (slice((x.shape[axis] - 1) // 2, (x.shape[axis] + 1) // 2),)
    place = picked(order, middle)
    if x._dtype.kind == "f":  # numbers that are none stand last in the order
        last = picked(order, (slice(None),) * axis + (slice(-1, None),))
        final = picked(values, (slice(None),) * axis + (slice(-1, None),))
        place = where(not_equal(final, final), last, place)
    value = gather(x, axis, place)
    kept = x.shape[:axis] + ((1,) if keepdim else ()) + x.shape[axis + 1 :]
    return Extreme(reshape(value, kept), reshape(place, kept))


@public("nanmedian")
def nanmedian(x: T, dim: int | None = None, keepdim: bool = False) -> Any:
    """The element in the middle of those that are not NaN, the lower one of two; along `dim` with its place.

    Source: https://pytorch.org/docs/stable/generated/torch.nanmedian.html

    >>> import knoll
    >>> knoll.nanmedian(knoll.tensor([1.0, float("nan"), 3.0, 2.0]))
    tensor(2.)
    """
    _check_middle(x)
    if dim is None:
        flat = reshape(x, (-1,))
        return nanmedian(flat, 0).values if flat.shape[0] else _no_middle(x)
    axis = front(dim, len(x.shape))
    if not x.shape:
        return Extreme(x, type(x)._over(np.array(0)))
    _check_reduced(x, axis)
    order = argsort(x, axis)  # NaN stands last
    count = x.shape[axis] - np.isnan(x._realize()).sum(axis, keepdims=True)
    middle = (np.where(count == 0, x.shape[axis], count) - 1) // 2
    place = gather(order, axis, type(x)._over(np.asarray(middle, np.int64)))
    kept = x.shape[:axis] + ((1,) if keepdim else ()) + x.shape[axis + 1 :]
    return Extreme(reshape(gather(x, axis, place), kept), reshape(place, kept))


def _check_middle(x: TensorBase) -> None:
    if x._dtype.kind == "b":
        refuse_dtype("median_cpu", x._dtype)


def _check_reduced(x: TensorBase, axis: int) -> None:
    if not x.shape[axis]:
        raise DimensionError(f"median(): Expected reduction dim {axis} to have non-zero size.")


def _no_middle(x: T) -> T:
    """What PyTorch gives for no elements: NaN, or the smallest integer."""
    return type(x)._over(np.array(np.nan if x._dtype.kind == "f" else np.iinfo(x._dtype).min, x._dtype))


@public("logcumsumexp")
def logcumsumexp(x: T, dim: int, *, out: T | None = None) -> T:
    """The logarithm of each exp(x) plus all before it along `dim`, without overflow. Raises UnsupportedError.

    Source: https://pytorch.org/docs/stable/generated/torch.logcumsumexp.html

    >>> import knoll
    >>> knoll.logcumsumexp(knoll.tensor([0.0, 0.0, 1000.0]), 0)
    tensor([0.0000e+00, 6.9315e-01, 1.0000e+03])
    """
    axis = front(dim, len(x.shape))
    if x._dtype.kind != "f":
        refuse_dtype("logcumsumexp_out_cpu", x._dtype)
    whole = x if x.shape else reshape(x, (1,))
    return reshape(apply(logcumsumexp_op, whole, axis=axis)[0], x.shape)


@public("unique")
def unique(
    x: T,
    sorted: bool = True,  # noqa: A002, ARG001 (PyTorch's; they always are)
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different elements in order, or slices along `dim`; with where each element went, and how often each stands.

    Source: https://pytorch.org/docs/stable/generated/torch.unique.html

    >>> import knoll
    >>> knoll.unique(knoll.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    axis = None if dim is None else front(dim, len(x.shape))
    values, inverse, counts = np.unique(
        x._realize(), return_inverse=True, return_counts=True, axis=axis, equal_nan=False
    )
    shape = x.shape if axis is None else (x.shape[axis],)
    results = [values, *[inverse.reshape(shape)] * return_inverse, *[counts] * return_counts]
    tensors = tuple(type(x)._over(np.ascontiguousarray(result)) for result in results)
    return tensors if len(tensors) > 1 else tensors[0]


@public("bincount")
def bincount(x: T, weights: T | None = None, minlength: int = 0) -> T:
    """How often each whole number stands in x, or the sum of its `weights`. Raises StateError.

    >>> import knoll
    >>> knoll.bincount(knoll.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    numbers = x._realize()
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or (numbers < 0).any():
        raise StateError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise StateError("minlength should be >= 0", got=str(minlength))
    if weights is None:
        return type(x)._over(np.bincount(numbers, minlength=minlength))
    given = weights._realize()
    summed = np.bincount(numbers, given, minlength)
    return type(x)._over(summed.astype(given.dtype if given.dtype == np.float32 else np.float64))
