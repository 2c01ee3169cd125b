"""Order statistics: what stands at a given place among the elements in order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from knoll import return_types
from knoll.errors import DimensionError, StateError
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.reduction import along_axis
from knoll.ops.reduction.extreme import amax as amax_op
from knoll.ops.reduction.reduce import reduced
from knoll.tensor.arguments import Targets, public, real
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import bool_, int64
from knoll.tensor.elementwise.arithmetic import add, cast, multiply, subtract
from knoll.tensor.elementwise.choose import clamp, where
from knoll.tensor.elementwise.comparisons import equal, greater
from knoll.tensor.elementwise.pointwise import lerp, negative
from knoll.tensor.elementwise.predicates import isnan
from knoll.tensor.elementwise.rounding import ceil, floor, round_even
from knoll.tensor.indexing.gather import gather
from knoll.tensor.record import apply
from knoll.tensor.reduction.extremes import argmax
from knoll.tensor.reduction.reduce import sum_
from knoll.tensor.reduction.sorting import argsort, sort
from knoll.tensor.shapes.rearrange import movedim
from knoll.tensor.shapes.shaping import front, picked, reshape, unsqueeze
from knoll.tensor.storage.copying import clone

__all__ = ["kthvalue", "median", "mode", "nanmedian", "nanquantile", "quantile"]

_ROUNDED: dict[str, Callable[[Any], Any]] = {"lower": floor, "higher": ceil, "nearest": round_even}


@public("kthvalue")
def kthvalue(x: T, k: int, dim: int = -1, keepdim: bool = False, *, out: Targets = None) -> return_types.Extreme[T]:
    """The k-th smallest element along `dim`, counted from 1, and where it stands. Raises StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.kthvalue.html

    >>> import knoll
    >>> knoll.kthvalue(knoll.tensor([3.0, 1.0, 2.0]), 2)
    knoll.return_types.kthvalue(
    values=tensor(2.),
    indices=tensor(2))
    """
    axis = front(dim, len(x.shape))
    length = x.shape[axis] if x.shape else 1
    if not 1 <= k <= length:
        raise StateError(f"kthvalue(): selected number k out of range for dimension {axis}")
    if not x.shape:
        return return_types.kthvalue(clone(x), type(x)._over(np.array(0)))
    order = picked(sort(x, axis).indices, (slice(None),) * axis + (slice(k - 1, k),))
    kept = reduced(x.shape, (axis,), keepdim)
    return return_types.kthvalue(reshape(gather(x, axis, order), kept), reshape(order, kept))


@public("median")
def median(x: T, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The element in the middle, the lower one of two; along `dim` with its place. NaN wins.

    Source: https://pytorch.org/docs/stable/generated/torch.median.html

    >>> import knoll
    >>> knoll.median(knoll.tensor([4.0, 1.0, 3.0, 2.0]))
    tensor(2.)
    """
    found = _lower_middle_of_all if dim is None else _lower_middle
    return _middle(x, dim, keepdim, found, return_types.median)


@public("nanmedian")
def nanmedian(x: T, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The element in the middle of those that are not NaN, the lower one of two; along `dim` with its place.

    Source: https://pytorch.org/docs/stable/generated/torch.nanmedian.html

    >>> import knoll
    >>> knoll.nanmedian(knoll.tensor([1.0, float("nan"), 3.0, 2.0]))
    tensor(2.)
    """
    return _middle(x, dim, keepdim, _lower_middle_of_numbers, return_types.nanmedian)


def _middle(x: T, dim: int | None, keepdim: bool, found: Callable[[T, int], T], made: Callable[[T, T], Any]) -> Any:
    """The middle of all, or along `dim` with its place, which `found` tells for each line of an axis."""
    if x._dtype.kind == "b":
        refuse_dtype("median_cpu", x._dtype)
    if dim is None:
        flat = reshape(x, (-1,))
        return _of_all(flat, reshape(gather(flat, 0, found(flat, 0)), ())) if flat.shape[0] else _no_middle(x)
    axis = front(dim, len(x.shape))
    if not x.shape:
        return made(clone(x), type(x)._over(np.array(0)))
    if not x.shape[axis]:
        raise DimensionError(f"median(): Expected reduction dim {axis} to have non-zero size.")
    place, kept = found(x, axis), reduced(x.shape, (axis,), keepdim)
    return made(reshape(gather(x, axis, place), kept), reshape(place, kept))


def _lower_middle(x: T, axis: int) -> T:
    """The place of the middle of each line, or of its first NaN; of those that tie, the one that sorting puts there."""
    rank = (x.shape[axis] - 1) // 2
    return _or_first_nan(x, axis, picked(argsort(x, axis), (slice(None),) * axis + (slice(rank, rank + 1),)))


def _lower_middle_of_all(x: T, axis: int) -> T:
    """The place of the middle of a line whose value alone is asked for: any of those that tie, without sorting."""
    return _or_first_nan(x, axis, apply(along_axis.ranked, x, axis=axis, rank=(x.shape[axis] - 1) // 2)[0])


def _or_first_nan(x: T, axis: int, place: T) -> T:
    """Places along an axis, or those of the first NaN in lines that have one."""
    if x._dtype.kind != "f":
        return place
    missing = isnan(x)
    first = unsqueeze(argmax(missing, axis), axis)
    return where(gather(missing, axis, first), first, place)


def _lower_middle_of_numbers(x: T, axis: int) -> T:
    """The place of the middle of what is not NaN in each line."""
    order = argsort(x, axis)  # NaN stands last
    count = x.shape[axis] - np.isnan(x._realize()).sum(axis, keepdims=True)
    middle = (np.where(count == 0, x.shape[axis], count) - 1) // 2
    return gather(order, axis, type(x)._over(np.asarray(middle, np.int64)))


def _of_all(flat: T, middle: T) -> T:
    """The middle of all elements; its gradient is shared out among those that equal it."""
    if not flat._requires_grad:
        return middle
    same = where(isnan(middle), isnan(flat), equal(flat, middle))
    way = cast(where(greater(middle, 0), 1.0, -1.0), flat._dtype)  # so that what is compared with −∞ is larger
    candidates = where(same, multiply(way, flat), -math.inf)
    return multiply(way, apply(amax_op, candidates, axes=(0,), keep=False, nan_ties=True, masked=True)[0])


def _no_middle(x: T) -> T:
    """What PyTorch gives for no elements: NaN, or the smallest integer."""
    return type(x)._over(np.array(np.nan if x._dtype.kind == "f" else np.iinfo(x._dtype).min, x._dtype))


@public("mode")
def mode(x: T, dim: int = -1, keepdim: bool = False, *, out: Targets = None) -> return_types.Extreme[T]:
    """The element that stands most often along `dim`, the smallest of several, and its last place.

    Source: https://pytorch.org/docs/stable/generated/torch.mode.html

    >>> import knoll
    >>> knoll.mode(knoll.tensor([2, 1, 2, 3]))
    knoll.return_types.mode(
    values=tensor(2),
    indices=tensor(2))
    """
    axis = front(dim, len(x.shape))
    if not x.shape:
        return return_types.mode(clone(x), type(x)._over(np.array(0)))
    numbers = np.moveaxis(x._realize(), axis, -1)
    if not numbers.shape[-1]:
        raise DimensionError(f"mode(): Expected reduction dim {axis} to have non-zero size.")
    counts = (numbers[..., :, None] == numbers[..., None, :]).sum(-1)
    # A number that none of the element type exceeds: 2⁶² is −1 or 0 in the smaller ones.
    above = np.inf if numbers.dtype.kind == "f" else True if numbers.dtype == bool_ else np.iinfo(numbers.dtype).max
    most = np.where(counts == counts.max(-1, keepdims=True), numbers, above)
    chosen = numbers == most.min(-1, keepdims=True)
    last = numbers.shape[-1] - 1 - chosen[..., ::-1].argmax(-1)
    places: T = type(x)._over(np.ascontiguousarray(np.expand_dims(last, axis)))
    kept = reduced(x.shape, (axis,), keepdim)
    return return_types.mode(reshape(gather(x, axis, places), kept), reshape(places, kept))


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
    return _quantile(x, q, dim, keepdim, interpolation, False)


@public("nanquantile")
def nanquantile(
    x: T, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear", out: T | None = None
) -> T:
    """`quantile` of the elements that are not NaN; NaN where all are.

    Raises StateError, DTypeError. Source: https://pytorch.org/docs/stable/generated/torch.nanquantile.html

    >>> import knoll
    >>> knoll.nanquantile(knoll.tensor([2.0, float("nan"), 1.0]), 0.5)
    tensor(1.5000)
    """
    return _quantile(x, q, dim, keepdim, interpolation, True)


def _quantile(x: T, q: Any, dim: int | None, keepdim: bool, interpolation: str, is_nan_left_out: bool) -> T:
    """Quantiles: of the numbers alone, or NaN where one stands among them."""
    shares = _shares(x, q, interpolation)
    axis = 0 if dim is None else front(dim, len(x.shape))
    whole = reshape(x, (-1,)) if dim is None or not x.shape else x
    if not whole.shape[axis]:
        raise StateError("quantile() input tensor must be non-empty")
    last = whole.shape[axis] - 1
    missing = sum_(cast(isnan(whole), int64), axis, keepdim=True)
    each = type(x)._over(shares.reshape(-1, *(1 for _ in whole.shape[axis + 1 :])))
    if is_nan_left_out:
        places = clamp(multiply(each, cast(add(negative(missing), last), x._dtype)), 0)
    else:  # NaN stands last, and has the gradient
        places = where(equal(missing, 0), multiply(each, float(last)), float(last))
    found = movedim(_interpolated(sort(whole, axis).values, axis, places, interpolation), axis, 0)
    kept = (1,) * len(x.shape) if dim is None or not x.shape else (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    shape = kept if keepdim else () if dim is None else (*x.shape[:axis], *x.shape[axis + 1 :])
    return reshape(found, shape if not np.ndim(shares) else (shares.size, *shape))


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
    if shares.dtype != x._dtype:
        raise StateError("quantile() q tensor must be same dtype as the input tensor")
    if not ((shares >= 0) & (shares <= 1)).all():
        if shares.ndim:
            raise StateError("quantile() q values must be in the range [0, 1]")
        raise StateError(f"quantile() q must be in the range [0, 1] but got {float(shares):g}")
    return shares


def _interpolated(ordered: T, axis: int, places: T, interpolation: str) -> T:
    """What stands at places that may lie between two."""
    if interpolation in _ROUNDED:
        rounded: T = _ROUNDED[interpolation](places)
        return gather(ordered, axis, cast(rounded, int64))
    low = floor(places)
    below, above = (gather(ordered, axis, cast(at, int64)) for at in (low, ceil(places)))
    weight = subtract(places, low)
    between: T = lerp(below, above, 0.5 if interpolation == "midpoint" else weight)
    found: T = where(equal(weight, 0), below, between)  # ∞ − ∞ would be NaN
    return found
