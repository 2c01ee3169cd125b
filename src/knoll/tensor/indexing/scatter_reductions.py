"""Sums, products, means and extremes of elements that go to the same place, and of segments of an axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.errors import DimensionError, DTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.reduction import scan as ops
from knoll.ops.reduction.scan import scatter_places
from knoll.ops.shapes.reshape import straight_through
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import int32, int64
from knoll.tensor.elementwise.arithmetic import divide, multiply
from knoll.tensor.elementwise.choose import where
from knoll.tensor.indexing.gather import gather
from knoll.tensor.indexing.scatter import checked, scatter_add, source_of
from knoll.tensor.record import apply
from knoll.tensor.shapes.joining import cat
from knoll.tensor.shapes.shaping import front, picked, reshape
from knoll.tensor.storage.copying import clone

__all__ = ["index_reduce", "scatter_reduce", "segment_reduce"]

_UFUNCS: dict[str, Any] = {
    "sum": np.add,
    "mean": np.add,
    "prod": np.multiply,
    "amax": np.maximum,
    "amin": np.minimum,
}
_IDENTITIES = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "amax": -math.inf, "amin": math.inf}
_ALIASES = {"max": "amax", "min": "amin"}  # which segments are reduced by, too


@public("scatter_reduce")
def scatter_reduce(x: T, dim: int, index: T, src: T, reduce: str, *, include_self: bool = True) -> T:
    """x reduced with `src` at the places `index` along `dim`: y[index[i, j], j] += src[i, j] for `dim` 0 and "sum".

    `reduce` is "sum", "prod", "mean", "amax" or "amin". Without `include_self` what stands in x at these places does
    not count. Elements that tie share the gradient. Raises StateError, ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html

    >>> import knoll
    >>> index, source = knoll.tensor([0, 0, 1]), knoll.tensor([2.0, 4.0, 3.0])
    >>> knoll.scatter_reduce(knoll.tensor([1.0, 5.0]), 0, index, source, "amax")
    tensor([4., 5.])
    """
    if reduce not in _UFUNCS:
        raise StateError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    source: T = source_of("scatter", x, index, src)
    axis, whole, places, given = checked("scatter", x, dim, index, source)
    if 0 in places.shape:
        return clone(x)
    part = picked(given, tuple(slice(size) for size in places.shape))
    return reshape(_reduced(whole, axis, places._realize(), part, reduce, include_self), x.shape)


@public("index_reduce")
def index_reduce(
    x: T, dim: int, index: T, source: T, reduce: str, *, include_self: bool = True, out: T | None = None
) -> T:
    """x reduced with the slices of `source` at the places `index` along `dim`.

    `reduce` is "prod", "mean", "amax" or "amin". Without `include_self` what stands in x at these places does not
    count. Raises StateError, ShapeError, DTypeError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.index_reduce_.html

    >>> import knoll
    >>> knoll.index_reduce(knoll.tensor([1.0, 5.0]), 0, knoll.tensor([0, 0]), knoll.tensor([2.0, 4.0]), "prod")
    tensor([8., 5.])
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise StateError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    axis = front(dim, len(x.shape))
    _check_slices(x, axis, index, source)
    whole, part = (each if each.shape else reshape(each, (1,)) for each in (x, source))
    numbers = index._realize().reshape(-1)
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < whole.shape[axis]):
        raise DimensionError("index out of range in self")
    if 0 in part.shape:
        return clone(x)
    column = numbers.reshape([-1 if place == axis else 1 for place in range(len(part.shape))])
    places = np.ascontiguousarray(np.broadcast_to(column, part.shape))
    return reshape(_reduced(whole, axis, places, part, reduce, include_self), x.shape)


def _check_slices(x: TensorBase, axis: int, index: TensorBase, source: TensorBase) -> None:
    if len(index.shape) > 1:
        raise DimensionError(
            f"index_reduce_(): Index is supposed to be a vector, but got dim: {len(index.shape)} with type: "
            f"{scalar_name(index._dtype)} and size: {list(index.shape)}"
        )
    if index._dtype not in (int32, int64):
        raise DTypeError(f"index_reduce_(): Expected dtype int32/int64 for index but got: {scalar_name(index._dtype)}")
    if x._dtype != source._dtype:
        raise DTypeError(
            f"index_reduce_(): self ({scalar_name(x._dtype)}) and source ({scalar_name(source._dtype)}) must have the "
            "same scalar type"
        )
    rest, others = ([*each.shape[:axis], *each.shape[axis + 1 :]] for each in (x, source))
    if rest != others or len(x.shape) != len(source.shape):
        raise ShapeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(x.shape)} source.shape = {list(source.shape)}"
        )
    count, size = math.prod(index.shape), source.shape[axis] if source.shape else 1
    if count != size:
        raise ShapeError(
            f"index_reduce_(): Number of indices ({count}) should be equal to source.size(dim): ({size}), for dim: "
            f"{axis}"
        )


@public("segment_reduce")
def segment_reduce(
    data: T,
    reduce: str,
    *,
    lengths: T | None = None,
    indices: T | None = None,
    offsets: T | None = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> T:
    """The sum, mean, product, largest or smallest element of each segment of an axis; `lengths` says how long they are.

    `offsets` may say instead where they begin, and where the last ends. `reduce` is "sum", "mean", "prod", "max" or
    "min"; `initial` stands before each segment. `unsafe` leaves out the check that all elements are in a segment.
    Raises StateError, DTypeError. Source: https://pytorch.org/docs/stable/generated/torch.segment_reduce.html

    >>> import knoll
    >>> knoll.segment_reduce(knoll.tensor([1.0, 2.0, 3.0]), "sum", lengths=knoll.tensor([2, 1]))
    tensor([3., 3.])
    """
    reduce = _ALIASES.get(reduce, reduce)
    if reduce not in _UFUNCS:
        raise StateError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    place = front(axis, len(data.shape))
    if indices is not None:
        raise StateError("segment_reduce(): indices based reduction is not supported yet.")
    counts = _lengths(data, lengths, offsets, place, unsafe)
    if data._dtype.kind != "f":
        refuse_dtype("_segment_reduce_cpu", data._dtype)
    segments, rest = counts.shape[-1], data.shape[place + 1 :]
    places = _segment_places(data, place, counts)
    start = _IDENTITIES[reduce] if initial is None else initial
    base: T = type(data)._over(np.full((*data.shape[:place], segments + 1, *rest), start, data._dtype))
    made = base if 0 in data.shape else _reduced(base, place, places, data, reduce, True, counted=False)
    kept = picked(made, (slice(None),) * place + (slice(segments),))
    if reduce != "mean":
        return kept
    divisors = counts.reshape(*counts.shape, *(1 for _ in rest)).astype(data._dtype)
    if initial is not None:
        divisors = np.maximum(divisors, 1)
    return divide(kept, type(data)._over(np.asarray(divisors)))


def _segment_places(data: TensorBase, axis: int, counts: Array) -> Array:
    """The number of the segment of each element; what is in none of them goes to one more behind the last."""
    length, segments = data.shape[axis], counts.shape[-1]
    rows = [np.repeat(np.arange(segments), row)[:length] for row in counts.reshape(-1, segments)]
    filled = np.full((len(rows), length), segments)
    for line, row in zip(filled, rows, strict=True):
        line[: len(row)] = row
    column = filled.reshape(*data.shape[: axis + 1], *(1 for _ in data.shape[axis + 1 :]))
    return np.ascontiguousarray(np.broadcast_to(column, data.shape))


def _lengths(data: TensorBase, lengths: Any, offsets: Any, axis: int, unsafe: bool) -> Array:
    """How long the segments are, one row for each place before the axis."""
    if lengths is None and offsets is None:
        raise StateError("segment_reduce(): Either lengths or offsets must be defined.")
    given, word = (lengths, "lengths") if lengths is not None else (offsets, "offsets")
    if axis != len(given.shape) - 1:
        raise StateError(f"segment_reduce(): Expected axis to be the last dimension of {word} but got {axis}.")
    if given._dtype not in (int32, int64):
        refuse_dtype(f"_segment_reduce_{word}_cpu_kernel1", given._dtype)
    numbers = np.asarray(given._realize(), np.int64)
    counts = numbers if lengths is not None else np.diff(numbers)
    if lengths is not None and not unsafe:
        if (counts < 0).any():
            raise StateError("lengths contains negative value!")
        if (counts.sum(-1) != data.shape[axis]).any():
            raise StateError(
                "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when "
                "!unsafe."
            )
    if counts.shape[:-1] != data.shape[:axis]:
        raise ShapeError(
            "segment_reduce(): Expected all dimensions of data and lengths to match up to axis",
            got=f"{tuple(data.shape)}, {tuple(numbers.shape)}",
        )
    return counts.clip(0)


def _reduced(x: T, axis: int, index: Array, part: T, reduce: str, included: bool, counted: bool = True) -> T:
    """x reduced with the elements of `part`, each of which goes to a place along the axis.

    Unless what stands in x is `included`, it does not count where something goes; unless it is `counted`, it is no
    element of a mean and of those that tie.
    """
    if x._dtype.kind != "f":
        return type(x)._over(_reduced_array(x, axis, index, part, reduce, included, counted))
    if reduce in ("sum", "mean"):
        summed = _summed(x, axis, index, part, included)
        if reduce == "sum" or not counted:
            return summed
        return divide(summed, type(x)._over(_counts(x, axis, index, included).astype(x._dtype)))
    if reduce == "prod":
        return _product(x, axis, index, part, included)
    return _extreme(x, axis, index, part, reduce, included, counted)


def _counts(x: TensorBase, axis: int, index: Array, included: bool) -> Array:
    """How many elements a mean is of."""
    counts = np.full(x.shape, int(included))
    np.add.at(counts, scatter_places(index, axis), 1)
    return counts.clip(1)


def _reduced_array(
    x: TensorBase, axis: int, index: Array, part: TensorBase, reduce: str, included: bool, mean: bool
) -> Array:
    """The result without its gradient."""
    made, places = x._realize().copy(), scatter_places(index, axis)
    given = part._realize()
    if not included:
        kind = made.dtype.kind
        low, high = (False, True) if kind == "b" else (-np.inf, np.inf) if kind == "f" else _bounds(made.dtype)
        made[places] = {"amax": low, "amin": high, "prod": 1}.get(reduce, 0)
    with np.errstate(all="ignore"):
        _UFUNCS[reduce].at(made, places, given)
    if reduce == "mean" and mean:
        made = np.asarray(made // _counts(x, axis, index, included).astype(made.dtype), made.dtype)
    return made


def _bounds(dtype: Any) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def _summed(x: T, axis: int, index: Array, part: T, included: bool) -> T:
    places = type(x)._over(index)
    base = x if included else apply(ops.scatter_kept, x, places, axis=axis)[0]
    return scatter_add(base, axis, places, part)


def _extreme(x: T, axis: int, index: Array, part: T, reduce: str, included: bool, counted: bool) -> T:
    """The largest or smallest elements, whose gradient those that tie share."""
    found = _reduced_array(x, axis, index, part, reduce, included, True)
    places = scatter_places(index, axis)
    own = x._realize() == found
    if not included:
        own[places] = False
    if not counted:
        own[...] = False
    others, reached = part._realize(), found[places]
    theirs = (others == reached) | (np.isnan(others) & np.isnan(reached))
    ties = own.astype(x._dtype)
    np.add.at(ties, places, theirs)
    masks = [type(x)._over(mask) for mask in (own, theirs)]
    shared = _summed(where(masks[0], x, 0), axis, index, where(masks[1], part, 0), True)
    shared = divide(shared, type(x)._over(ties.clip(1)))
    return apply(straight_through, shared, type(x)._over(found))[0]


def _product(x: T, axis: int, index: Array, part: T, included: bool) -> T:
    """Products by pairs of factors, then pairs of these, and so on: their gradients are right for zeros, too."""
    size = math.prod(x.shape)
    cells = np.arange(size).reshape(x.shape)[scatter_places(index, axis)].reshape(-1)
    kept = np.arange(size) if included else np.setdiff1d(np.arange(size), cells)
    groups = np.concatenate([kept, cells])
    order = np.argsort(groups, kind="stable")
    factors = cat((reshape(x, (-1,)), reshape(part, (-1,))), 0)
    factors = _gathered(factors, np.concatenate([kept, size + np.arange(len(cells))])[order])
    groups = groups[order]
    one = type(x)._over(np.ones(1, x._dtype))
    while True:
        starts = np.flatnonzero(np.concatenate([[True], groups[1:] != groups[:-1]]))
        ranks = np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups))))
        if not ranks.any():
            return reshape(factors, x.shape)
        first = np.flatnonzero(ranks % 2 == 0)
        paired = np.append(ranks, 0)[first + 1] % 2 == 1
        second = np.where(paired, first + 1, len(groups))
        factors = multiply(_gathered(factors, first), _gathered(cat((factors, one), 0), second))
        groups = groups[first]


def _gathered(x: T, places: Array) -> T:
    return gather(x, 0, type(x)._over(places))
