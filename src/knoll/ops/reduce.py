"""Sums and means over axes, and the largest along an axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.errors import DimensionError
from knoll.graph import Array, Node, Op, Shape, Spec, Value


def normalised(axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Axes counted from the front, in order.

    >>> normalised((-1, 0), 4)
    (0, 3)
    """
    for axis in axes:
        if not -max(rank, 1) <= axis < max(rank, 1):
            raise DimensionError(
                f"Dimension out of range (expected to be in range of [{-max(rank, 1)}, {max(rank, 1) - 1}], but got {axis})"
            )
    return tuple(sorted(axis % rank for axis in axes)) if rank else ()


def reduced(shape: Shape, axes: tuple[int, ...], keep: bool) -> Shape:
    """The shape that is left, with ones in place of `axes` if `keep`."""
    return tuple(1 if i in axes else size for i, size in enumerate(shape) if keep or i not in axes)


def total_shape(x: Spec, *, axes: tuple[int, ...], keep: bool) -> tuple[Spec]:
    """Without `axes`; integers are summed as int64."""
    dtype = x.dtype if x.is_float else np.dtype(np.int64)
    return (Spec(reduced(x.shape, axes, keep), dtype),)


def total_meaning(x: Array, *, axes: tuple[int, ...], keep: bool) -> tuple[Array]:
    """The sum over `axes`."""
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.int64)
    return (np.asarray(x.sum(axis=axes, keepdims=keep, dtype=dtype)),)


def total_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Every element that was summed receives dy."""
    (x,) = node.inputs
    return (spread(dy, shape=x.spec.shape, axes=node.attributes["axes"], scale=1.0),)


def mean_meaning(x: Array, *, axes: tuple[int, ...], keep: bool) -> tuple[Array]:
    """The mean over `axes`."""
    return (np.asarray(x.mean(axis=axes, keepdims=keep, dtype=x.dtype)),)


def mean_shape(x: Spec, *, axes: tuple[int, ...], keep: bool) -> tuple[Spec]:
    """Without `axes`."""
    return (x.with_shape(*reduced(x.shape, axes, keep)),)


def mean_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Every element receives its share of dy."""
    (x,) = node.inputs
    axes = node.attributes["axes"]
    count = math.prod(x.spec.shape[axis] for axis in axes)
    return (spread(dy, shape=x.spec.shape, axes=axes, scale=1.0 / count if count else 0.0),)


def spread_shape(dy: Spec, *, shape: Shape, **_: Any) -> tuple[Spec]:
    """The shape before the axes were summed."""
    return (dy.with_shape(*shape),)


def spread_meaning(dy: Array, *, shape: Shape, axes: tuple[int, ...], scale: float) -> tuple[Array]:
    """dy, times `scale`, repeated along `axes`."""
    dy = dy.reshape(reduced(shape, axes, keep=True)) * dy.dtype.type(scale)
    return (np.ascontiguousarray(np.broadcast_to(dy, shape)),)


def spread_gradient(node: Node, dy: Value) -> tuple[Value]:
    """The sum of what was repeated."""
    scaled = total(dy, axes=node.attributes["axes"], keep=False)
    return (spread(scaled, shape=node.inputs[0].spec.shape, axes=(), scale=node.attributes["scale"]),)


total = Op("sum", total_shape, total_meaning, total_gradient)
mean = Op("mean", mean_shape, mean_meaning, mean_gradient)
spread = Op("spread", spread_shape, spread_meaning, spread_gradient)
