"""What the elements along an axis tell: extremes together, running ones, quantiles, sums without NaN, counts in bins.

Source: https://pytorch.org/docs/stable/torch.html#reduction-ops
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from knoll.errors import DimensionError, DTypeError, StateError
from knoll.tensor.arguments import Dims, public, real
from knoll.tensor.arithmetic import add, cast, divide, equal, logical_xor, multiply, not_equal, subtract
from knoll.tensor.base import T, TensorBase
from knoll.tensor.choose import where
from knoll.tensor.dtypes import bool_, int32, int64
from knoll.tensor.joining import cat
from knoll.tensor.predicates import isnan
from knoll.tensor.reductions import Extreme, amax, amin, gather, mean, norm, sort, std, sum_, var
from knoll.tensor.shaping import front, picked, reshape

__all__ = [
    "aminmax",
    "argwhere",
    "bucketize",
    "cummax",
    "cummin",
    "diff",
    "dist",
    "kthvalue",
    "mode",
    "msort",
    "nanmean",
    "nansum",
    "quantile",
    "searchsorted",
    "std_mean",
    "unique_consecutive",
    "var_mean",
]


class Range(NamedTuple):
    """The smallest and the largest element."""

    min: Any
    max: Any


@public("aminmax")
def aminmax(x: T, *, dim: int | None = None, keepdim: bool = False) -> Range:
    """The smallest and the largest element, over `dim` or over everything.

    >>> import knoll
    >>> knoll.aminmax(knoll.tensor([3, 1, 2]))
    Range(min=tensor(1), max=tensor(3))
    """
    return Range(amin(x, dim, keepdim), amax(x, dim, keepdim))


@public("std_mean")
def std_mean(
    x: T, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None
) -> tuple[T, T]:
    """The standard deviation and the mean over `dim`."""
    dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
    return std(x, dim, unbiased, keepdim, correction=correction), mean(x, dim, keepdim)


@public("var_mean")
def var_mean(
    x: T, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None
) -> tuple[T, T]:
    """The variance and the mean over `dim`."""
    dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
    return var(x, dim, unbiased, keepdim, correction=correction), mean(x, dim, keepdim)


@public("nansum")
def nansum(x: T, dim: Dims = None, keepdim: bool = False) -> T:
    """The sum over `dim`, or over everything, in which NaN counts as 0."""
    return sum_(where(isnan(x), 0, x) if x._dtype.kind == "f" else x, dim, keepdim)


@public("nanmean")
def nanmean(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """The mean over `dim`, or over everything, of what is not NaN.

    >>> import knoll
    >>> knoll.nanmean(knoll.tensor([1.0, float("nan"), 3.0]))
    tensor(2.)
    """
    if x._dtype.kind != "f":
        raise DTypeError("nanmean(): expected input to have floating point or complex dtype but got " + x._dtype.name)
    return divide(nansum(x, dim, keepdim), sum_(equal(x, x), dim, keepdim))


@public("quantile")
def quantile(
    x: T, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear", out: T | None = None
) -> T:
    """The number below which the share `q` of the elements lies, along `dim` or of all; several for a vector `q`.

    `interpolation` between the two nearest elements: linear, lower, higher, midpoint, nearest. NaN wins.
    Raises StateError, DTypeError. Source: https://pytorch.org/docs/stable/generated/torch.quantile.html

    >>> import knoll
    >>> knoll.quantile(knoll.tensor([0.0, 1.0, 2.0, 3.0]), 0.5)
    tensor(1.5000)
    """
    shares = _shares(x, q, interpolation)
    axis = 0 if dim is None else front(dim, len(x.shape))
    whole = reshape(x, (-1,)) if dim is None or not x.shape else x
    if not whole.shape[axis]:
        raise StateError("quantile() input tensor must be non-empty")
    ordered = sort(whole, axis).values
    last = whole.shape[axis] - 1
    parts = [_at(ordered, axis, float(share) * last, interpolation) for share in np.atleast_1d(shares)]
    spoiled = sum_(cast(not_equal(whole, whole), int64), axis, keepdim=True)
    kept = (1,) * len(x.shape) if dim is None else (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    shape = kept if keepdim else () if dim is None else (*x.shape[:axis], *x.shape[axis + 1 :])
    found = [reshape(where(not_equal(spoiled, 0), math.nan, part), (1, *shape)) for part in parts]
    return reshape(cat(found, 0), shape if not np.ndim(shares) else (len(found), *shape))


def _numbers(q: Any) -> Any:
    """A number, or several. Raises ArgumentTypeError."""
    if isinstance(q, (list, tuple)) or (isinstance(q, np.ndarray) and q.ndim):
        return [real(share, "quantile", "q") for share in q]
    return real(q, "quantile", "q")


def _shares(x: TensorBase, q: Any, interpolation: str) -> Any:
    """`q` as numbers between 0 and 1."""
    if x._dtype.kind != "f" or x._dtype.itemsize < 4:
        raise StateError("quantile() input tensor must be either float or double dtype")
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise StateError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            + interpolation
        )
    shares = q._realize() if isinstance(q, TensorBase) else np.asarray(_numbers(q), x._dtype)
    if shares.ndim > 1:
        raise StateError("quantile() q must be a scalar or 1D tensor")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise StateError("quantile() q must be in the range [0, 1] but got " + str(float(shares.reshape(-1)[0])))
    return shares


def _at(ordered: T, axis: int, place: float, interpolation: str) -> T:
    """What stands at a place that may lie between two."""
    low, high = math.floor(place), math.ceil(place)
    if interpolation == "nearest":
        low = high = round(place)
    low, high = (high, high) if interpolation == "higher" else (low, high)
    weight = {"linear": place - low, "midpoint": 0.5 if high > low else 0.0}.get(interpolation, 0.0)
    below, above = (picked(ordered, (slice(None),) * axis + (slice(at, at + 1),)) for at in (low, high))
    return add(below, multiply(subtract(above, below), weight)) if weight else add(below, 0)


@public("kthvalue")
def kthvalue(x: T, k: int, dim: int = -1, keepdim: bool = False) -> Extreme[T]:
    """The k-th smallest element along `dim`, counted from 1, and where it stands. Raises StateError."""
    axis = front(dim, len(x.shape))
    length = x.shape[axis] if x.shape else 1
    if not 1 <= k <= length:
        raise StateError(f"kthvalue(): selected number k out of range for dimension {axis}")
    if not x.shape:
        return Extreme(x, type(x)._over(np.array(0)))
    order = picked(sort(x, axis).indices, (slice(None),) * axis + (slice(k - 1, k),))
    kept = x.shape[:axis] + ((1,) if keepdim else ()) + x.shape[axis + 1 :]
    return Extreme(reshape(gather(x, axis, order), kept), reshape(order, kept))


@public("mode")
def mode(x: T, dim: int = -1, keepdim: bool = False) -> Extreme[T]:
    """The element that stands most often along `dim`, the smallest of several, and its last place."""
    axis = front(dim, len(x.shape))
    if not x.shape:
        return Extreme(x, type(x)._over(np.array(0)))
    numbers = np.moveaxis(x._realize(), axis, -1)
    if not numbers.shape[-1]:
        raise DimensionError(f"mode(): Expected reduction dim {axis} to have non-zero size.")
    counts = (numbers[..., :, None] == numbers[..., None, :]).sum(-1)
    most = np.where(counts == counts.max(-1, keepdims=True), numbers, np.inf if numbers.dtype.kind == "f" else 2**62)
    chosen = numbers == most.min(-1, keepdims=True)
    last = numbers.shape[-1] - 1 - chosen[..., ::-1].argmax(-1)
    places: T = type(x)._over(np.ascontiguousarray(np.expand_dims(last, axis)))
    kept = x.shape[:axis] + ((1,) if keepdim else ()) + x.shape[axis + 1 :]
    return Extreme(reshape(gather(x, axis, places), kept), reshape(places, kept))


def _running(x: T, dim: int, wins: Any) -> Extreme[T]:
    axis = front(dim, len(x.shape))
    if not x.shape:
        return Extreme(x, type(x)._over(np.array(0)))
    numbers = np.moveaxis(x._realize(), axis, 0)
    best = np.zeros(numbers.shape, np.int64)
    for place in range(1, len(numbers)):
        former = np.take_along_axis(numbers, best[place - 1 : place], 0)[0]
        taken = wins(numbers[place], former) | np.isnan(numbers[place])
        best[place] = np.where(taken, place, best[place - 1])
    places: T = type(x)._over(np.ascontiguousarray(np.moveaxis(best, 0, axis)))
    return Extreme(gather(x, axis, places), places)


@public("cummax")
def cummax(x: T, dim: int) -> Extreme[T]:
    """The largest element so far along `dim`, and where it stands: the last of those that tie.

    >>> import knoll
    >>> knoll.cummax(knoll.tensor([1, 3, 2]), 0).values
    tensor([1, 3, 3])
    """
    return _running(x, dim, np.greater_equal)


@public("cummin")
def cummin(x: T, dim: int) -> Extreme[T]:
    """The smallest element so far along `dim`, and where it stands: the last of those that tie."""
    return _running(x, dim, np.less_equal)


@public("msort")
def msort(x: T, *, out: T | None = None) -> T:
    """The elements in order along the first axis."""
    return sort(x, 0).values


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


@public("searchsorted")
def searchsorted(
    sorted_sequence: T,
    values: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    out: T | None = None,
) -> T:
    """Where in a sorted vector, or in each row of it, values would stand: before those that equal them, or behind.

    Source: https://pytorch.org/docs/stable/generated/torch.searchsorted.html

    >>> import knoll
    >>> knoll.searchsorted(knoll.tensor([1, 3, 5]), knoll.tensor([3, 6]))
    tensor([1, 3])
    """
    if side not in (None, "left", "right"):
        raise StateError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    numbers = values._realize() if isinstance(values, TensorBase) else np.asarray(values)
    rows = sorted_sequence._realize()
    before: Literal["left", "right"] = "right" if right or side == "right" else "left"
    if rows.ndim == 1:
        found = np.searchsorted(rows, numbers, before)
    else:
        if rows.shape[:-1] != numbers.shape[:-1]:
            raise StateError(
                "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
                "boundaries tensor and input value tensor must match, but we got boundaries tensor "
                f"{list(rows.shape)} and input value tensor {list(numbers.shape)}"
            )
        flat = zip(rows.reshape(-1, rows.shape[-1]), numbers.reshape(-1, numbers.shape[-1]), strict=True)
        found = np.array([np.searchsorted(row, wanted, before) for row, wanted in flat]).reshape(numbers.shape)
    return type(sorted_sequence)._over(np.asarray(found, int32 if out_int32 else int64))


def bucketize(x: Any, boundaries: T, *, out_int32: bool = False, right: bool = False) -> T:
    """The number of the interval between `boundaries` in which each element lies."""
    return searchsorted(boundaries, x, out_int32=out_int32, right=right)


@public("argwhere")
def argwhere(x: T) -> T:
    """The places of elements that are not zero: a row for each."""
    return type(x)._over(np.argwhere(x._realize()))


@public("unique_consecutive")
def unique_consecutive(x: T, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """x without elements, or slices along `dim`, that equal the one before; with where each went, and how many did.

    >>> import knoll
    >>> knoll.unique_consecutive(knoll.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    numbers = x._realize()
    axis = None if dim is None else front(dim, numbers.ndim)
    if not numbers.ndim:
        axis = None
    rows = numbers.reshape(-1, 1) if axis is None else np.moveaxis(numbers, axis, 0)
    first = np.ones(len(rows), np.bool_)
    first[1:] = (rows[1:] != rows[:-1]).any(tuple(range(1, rows.ndim)))
    starts = np.flatnonzero(first)
    kept = rows[starts].reshape(-1) if axis is None else np.moveaxis(rows[starts], 0, axis)
    inverse = (np.cumsum(first) - 1).reshape(numbers.shape if dim is None else len(rows))
    counts = np.diff(np.append(starts, len(rows)))
    wanted = [kept, *[inverse] * return_inverse, *[counts] * return_counts]
    results = tuple(type(x)._over(np.asarray(part, order="C")) for part in wanted)
    return results if len(results) > 1 else results[0]


@public("dist")
def dist(x: T, other: T, p: float = 2) -> T:
    """The p-norm of the difference."""
    return norm(subtract(x, other), p)
