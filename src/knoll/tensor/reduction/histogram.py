"""How many elements fall into each of several bins: of one number, or of several together.

Source: https://pytorch.org/docs/stable/generated/torch.histogramdd.html
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll import return_types
from knoll.errors import ArgumentTypeError, DTypeError, StateError
from knoll.graph import Array
from knoll.ops.dtypes import c_name, refuse_dtype
from knoll.tensor.arguments import integer, public, real, tensor
from knoll.tensor.base import T, TensorBase

__all__ = ["histc", "histogram", "histogramdd"]


@public("histc")
def histc(x: T, bins: int = 100, min: float = 0, max: float = 0, *, out: T | None = None) -> T:  # noqa: A002 (as in PyTorch)
    """How many elements fall into each of so many bins of equal width between `min` and `max`, which count.

    Without the two, between the smallest and the largest element. Raises StateError.

    >>> import knoll
    >>> knoll.histc(knoll.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    if x._dtype.kind != "f":
        refuse_dtype("histogram_cpu", x._dtype)
    if bins < 1:
        raise StateError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    numbers = x._realize().reshape(-1)
    low, high = (float(numbers.min()), float(numbers.max())) if min == max and numbers.size else (min, max)
    low, high = (low - 1, high + 1) if low == high else (low, high)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise StateError(f"range of [{low}, {high}] is not finite")
    if low > high:
        raise StateError("max must be larger than min")
    return type(x)._over(np.histogram(numbers, bins, (low, high))[0].astype(x._dtype))


@public("histogram")
def histogram(
    x: T,
    bins: Any = 100,
    *,
    range: Any = None,  # noqa: A002 (as in PyTorch)
    weight: T | None = None,
    density: bool = False,
) -> return_types.histogram:
    """How many elements fall into each of several bins, and their edges.

    `bins` are so many of equal width over `range`, (smallest, largest), or between the edges of a vector; the last one
    holds its upper edge, too. Without a range they lie between the smallest and the largest element. `weight` counts
    each element by a weight; a `density` is divided by the width of its bin and the sum of all.
    Raises StateError, DTypeError, UnsupportedError.

    >>> import knoll
    >>> knoll.histogram(knoll.tensor([1.0, 2.0, 1.0]), bins=4, range=(0.0, 3.0)).hist
    tensor([0., 2., 1., 0.])
    """
    flat = x._realize().reshape(-1, 1)
    given = bins if isinstance(bins, TensorBase) else integer(bins, "histogram", "bins")
    weights = None if weight is None else _reshaped(weight)
    hist, edges = _counted(flat, [given], range, weights, density)
    return return_types.histogram(type(x)._over(hist), type(x)._over(edges[0]))


def _reshaped(weight: TensorBase) -> Array:
    return weight._realize().reshape(-1)


@public("histogramdd")
def histogramdd(
    x: T,
    bins: Any,
    range: Any = None,  # noqa: A002 (as in PyTorch)
    weight: T | None = None,
    density: bool = False,
) -> return_types.histogramdd:
    """How many rows, the points of the last axis, fall into each of several boxes, and the edges along each axis.

    `bins` is how many for all axes, or one for each axis; or vectors of edges. `range` has the smallest and the largest
    number of each axis, one after the other. Raises StateError, DTypeError, UnsupportedError, ArgumentTypeError.

    >>> import knoll
    >>> knoll.histogramdd(knoll.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), bins=2).hist
    tensor([[0., 1.],
            [1., 1.]])
    """
    if len(x.shape) < 2:
        raise StateError("torch.histogramdd: input tensor should have at least 2 dimensions")
    axes = x.shape[-1]
    several = bins if isinstance(bins, (list, tuple)) else [integer(bins, "histogramdd", "bins")] * axes
    if len(several) != axes:
        raise StateError("histogramdd: The size of bins must be equal to the innermost dimension of the input.")
    first = bool(several) and isinstance(several[0], TensorBase)
    given = [tensor(e, "histogramdd", "bins") if first else integer(e, "histogramdd", "bins") for e in several]
    points = x._realize().reshape(-1, axes)
    if weight is not None and weight.shape != x.shape[:-1]:
        _refuse_weight(x.shape, weight.shape)
    weights = None if weight is None else _reshaped(weight)
    hist, edges = _counted(points, given, range, weights, density)
    return return_types.histogramdd(type(x)._over(hist), tuple(type(x)._over(each) for each in edges))


def _counted(
    points: Array, bins: Sequence[Any], limits: Any, weights: Array | None, density: bool
) -> tuple[Array, list[Array]]:
    """The counts of points in all boxes, and the edges along each axis."""
    if points.dtype.kind != "f" or points.dtype.itemsize < 4:
        refuse_dtype("histogramdd", points.dtype)
    if weights is not None and len(weights) != len(points):
        _refuse_weight(points.shape, weights.shape)
    if weights is not None and weights.dtype != points.dtype:
        raise DTypeError(
            "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same "
            f"dtype, but got input({c_name(points.dtype)}), and weight({c_name(weights.dtype)})"
        )
    edges = _edges(points, bins, limits)
    places, inside = np.zeros(len(points), np.int64), np.ones(len(points), np.bool_)
    for column, lines in zip(points.T, edges, strict=True):
        found = np.searchsorted(lines, column, "right") - 1
        found = np.where(column == lines[-1], len(lines) - 2, found)
        inside &= (column >= lines[0]) & (column <= lines[-1])
        places = places * (len(lines) - 1) + found
    shape = tuple(len(lines) - 1 for lines in edges)
    share = None if weights is None else weights[inside]
    hist = np.bincount(places[inside], share, math.prod(shape)).astype(points.dtype).reshape(shape)
    if density:
        with np.errstate(all="ignore"):
            hist /= hist.sum()
            for axis, lines in enumerate(edges):
                hist /= np.diff(lines).reshape([-1 if place == axis else 1 for place in range(len(edges))])
    return hist, edges


def _edges(points: Array, bins: Sequence[Any], limits: Any) -> list[Array]:
    """The edges along each axis."""
    if bins and isinstance(bins[0], TensorBase):
        return [_given_edges(points, each._realize(), axis) for axis, each in enumerate(bins)]
    for axis, count in enumerate(bins):
        _check_count(count, axis)
    ends = _ends(points, limits)
    return [_even_edges(*ends[axis], count, points.dtype) for axis, count in enumerate(bins)]


def _check_count(count: int, axis: int) -> None:
    if count <= 0:
        raise StateError(f"torch.histogram(): bins must be > 0, but got {count} for dimension {axis}")


def _given_edges(points: Array, edges: Array, axis: int) -> Array:
    if edges.dtype != points.dtype:
        raise DTypeError(
            "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype "
            f"{c_name(points.dtype)} and bins for dimension {axis} with dtype {c_name(edges.dtype)}"
        )
    if edges.ndim != 1:
        raise StateError(
            f"torch.histogramdd: bins tensor should have one dimension, but got {edges.ndim} dimensions in the bins "
            f"tensor for dimension {axis}"
        )
    if not edges.size:
        raise StateError(
            "torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for "
            f"dimension {axis}"
        )
    _check_count(len(edges) - 1, axis)
    return edges.copy()


def _ends(points: Array, limits: Any) -> list[tuple[float, float]]:
    """The smallest and the largest number of each axis."""
    axes = points.shape[1]
    if limits is not None:
        if not isinstance(limits, (list, tuple)):
            raise ArgumentTypeError(
                f"histogram(): argument 'range' must be tuple of floats, not {type(limits).__name__}"
            )
        flat = [real(each, "histogram", "range") for each in limits]
        if len(flat) != 2 * axes:
            raise StateError(
                f"torch.histogramdd: for a {axes}-dimensional histogram range should have {2 * axes} elements, but got "
                f"{len(flat)}"
            )
        pairs = list(zip(flat[::2], flat[1::2], strict=True))
    elif not len(points):
        pairs = [(0.0, 1.0)] * axes
    else:
        pairs = [(float(low), float(high)) for low, high in zip(points.min(0), points.max(0), strict=True)]
    for axis, (low, high) in enumerate(pairs):
        if not (math.isfinite(low) and math.isfinite(high)):
            raise StateError(f"torch.histogramdd: dimension {axis}'s range [{low:g}, {high:g}] is not finite")
        if low > high:
            raise StateError(
                f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g} for dimension {axis}"
            )
    return [(low - 0.5, high + 0.5) if low == high else (low, high) for low, high in pairs]


def _even_edges(low: float, high: float, count: int, dtype: Any) -> Array:
    """Edges of equal distance, counted from the nearer end, as PyTorch's `linspace` does."""
    number = np.arange(count + 1)
    first, last = np.asarray(low, dtype), np.asarray(high, dtype)
    step = (last - first) / np.asarray(count, dtype)
    near = number < (count + 1) // 2
    ends = last - step * (count - number).astype(dtype)
    return np.asarray(np.where(near, first + step * number.astype(dtype), ends))


def _refuse_weight(shape: tuple[int, ...], given: tuple[int, ...]) -> None:
    raise StateError(
        "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding "
        f"its innermost dimension, but got input with shape {list(shape)} and weight with shape {list(given)}"
    )
