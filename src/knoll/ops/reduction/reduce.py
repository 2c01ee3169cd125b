"""Sums, means and extremes over axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from knoll.errors import DimensionError, DTypeError, StateError
from knoll.graph import Array, Node, Op, Places, Reads, Roles, Shape, Spec, Value
from knoll.graph import reads as reading
from knoll.graph.batching_rules import along_axes
from knoll.graph.role import BATCHED, REDUCED, SHARED
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops.accumulate import total_type, wide
from knoll.ops.copying import Parts, by_copies
from knoll.ops.dtypes import scalar_name
from knoll.ops.quiet import quiet_array
from knoll.ops.shapes.reshape import reshape


@lru_cache(maxsize=1024)
def normalised(axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Axes counted from the front, in order.

    >>> normalised((-1, 0), 4)
    (0, 3)
    """
    for axis in axes:
        if not -max(rank, 1) <= axis < max(rank, 1):
            raise DimensionError(
                f"Dimension out of range (expected to be in range of [{-max(rank, 1)}, {max(rank, 1) - 1}], "
                f"but got {axis})"
            )
    front = sorted(axis % max(rank, 1) for axis in axes)
    for axis, following in pairwise(front):
        if axis == following:
            raise StateError(f"dim {axis} appears multiple times in the list of dims")
    return tuple(front) if rank else ()


@lru_cache(maxsize=1024)
def reduced(shape: Shape, axes: tuple[int, ...], keep: bool) -> Shape:
    """The shape that is left, with ones in place of `axes` if `keep`."""
    return tuple(1 if i in axes else size for i, size in enumerate(shape) if keep or i not in axes)


def sum_shape(x: Spec, *, axes: tuple[int, ...], keep: bool) -> tuple[Spec]:
    """Without `axes`; integers are summed as int64."""
    return (Spec(reduced(x.shape, axes, keep), total_type(x.dtype)),)


_add: Callable[..., Any] = np.add.reduce


def sum_meaning(x: Array, *, axes: tuple[int, ...], keep: bool) -> tuple[Array]:
    """The sum over `axes`."""
    return (quiet_array(_add, total_type(x.dtype), x, axes, wide(x.dtype), None, keep),)


def direct_sum(*, axes: tuple[int, ...], keep: bool) -> Callable[[Array], Any]:
    """NumPy's sum over `axes`, of floats in their own type."""
    return lambda x: _add(x, axes, None, None, keep) if x.itemsize > 2 else sum_meaning(x, axes=axes, keep=keep)[0]


def sum_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Every element that was summed receives dy."""
    (x,) = node.inputs
    return (expand(dy, shape=x.spec.shape, axes=node.attributes["axes"], scale=1.0),)


def mean_meaning(x: Array, *, axes: tuple[int, ...], keep: bool) -> tuple[Array]:
    """The sum over `axes` divided by the number of elements; NaN if there are none."""
    count = math.prod(x.shape[axis] for axis in axes)
    return (quiet_array(_share, x.dtype, x, axes, keep, count),)


def _share(x: Array, axes: tuple[int, ...], keep: bool, count: int) -> Any:
    dtype = wide(x.dtype)
    return _add(x, axes, dtype, None, keep) / dtype.type(count)


def mean_shape(x: Spec, *, axes: tuple[int, ...], keep: bool) -> tuple[Spec]:
    """Without `axes`."""
    check_mean(x.dtype)
    return (x.with_shape(*reduced(x.shape, axes, keep)),)


def check_mean(dtype: DType, function: str = "mean", which: str = "Input") -> None:
    """Refuse the mean of integers: `which` says whose element type it is."""
    if dtype.kind != "f":
        raise DTypeError(
            f"{function}(): could not infer output dtype. {which} dtype must be either a floating point or complex "
            f"dtype. Got: {scalar_name(dtype)}",
            advice=say("tensor.mean_of_floats"),
        )


def mean_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Every element receives its share of dy."""
    (x,) = node.inputs
    axes = node.attributes["axes"]
    count = math.prod(x.spec.shape[axis] for axis in axes)
    return (expand(dy, shape=x.spec.shape, axes=axes, scale=1.0 / count if count else 0.0),)


def expand_shape(dy: Spec, *, shape: Shape, **_: Any) -> tuple[Spec]:
    """The shape before the axes were summed."""
    return (dy.with_shape(*shape),)


def expand_copies(dy: Array, *, shape: Shape, axes: tuple[int, ...], scale: float) -> Parts:
    """dy, times `scale`, repeated along `axes`."""
    dy = dy.reshape(reduced(shape, axes, keep=True))
    return [(..., dy if scale == 1 else quiet_array(np.multiply, dy.dtype, dy, wide(dy.dtype).type(scale)))]


def expand_gradient(node: Node, dy: Value) -> tuple[Value]:
    """The sum of what was repeated."""
    shape, scale = node.inputs[0].spec.shape, node.attributes["scale"]
    total = sum_(dy, axes=node.attributes["axes"], keep=False)
    return (reshape(total, shape=shape) if scale == 1.0 else expand(total, shape=shape, axes=(), scale=scale),)


def reduction_roles(node: Node) -> Roles:
    """Over axes of each sample, or over the samples too."""
    return Roles((BATCHED,), (REDUCED if 0 in node.attributes["axes"] else BATCHED,))


def expand_roles(node: Node) -> Roles:
    """Scalars or sums over samples → values with a batch axis; or axes of each sample."""
    return Roles((SHARED if 0 in node.attributes["axes"] else BATCHED,), (BATCHED,))


def reads(node: Node, _: int) -> tuple[Reads]:
    """The axes that are reduced as a whole."""
    return (reading.reduced(node.inputs[0].spec.rank, node.attributes["axes"], node.attributes["keep"]),)


sum_: Op = Op(
    "sum",
    sum_shape,
    sum_meaning,
    sum_gradient,
    reads=reads,
    roles=reduction_roles,
    direct=direct_sum,
    batching=along_axes,
)
mean: Op = Op("mean", mean_shape, mean_meaning, mean_gradient, reads=reads, roles=reduction_roles, batching=along_axes)


def expand_per_sample(node: Node) -> dict[str, Any]:
    """Without the number of samples in the shape, and in the scale of a mean."""
    axes, shape = node.attributes["axes"], node.attributes["shape"]
    return {"axes": axes, "shape": shape[1:], "scale": shared_scale(node)}


def expand_rebatched(node: Node, read: tuple[Value, ...], before: int, samples: int) -> dict[str, Any]:
    """The shape for another number of samples: that of the operand, or so many repetitions."""
    axes, shape = node.attributes["axes"], node.attributes["shape"]
    rest = math.prod(reduced(shape, axes, keep=True)[1:])
    if not shape or (0 in axes and shape[0] != before) or not rest:
        return node.attributes
    first = samples if 0 in axes else read[0].spec.size // rest
    return node.attributes | {"shape": (first, *shape[1:])}


def shared_scale(node: Node) -> float | None:
    """The scale of a `expand`; None if it shares out among all elements of the batch, however many there are."""
    scale, size = float(node.attributes["scale"]), node.specs[0].size
    return None if 0 in node.attributes["axes"] and size and scale == 1.0 / size else scale


def expand_reads(node: Node, _: int) -> tuple[Reads]:
    """The element that is repeated."""
    x, shape, axes = node.inputs[0].spec, node.attributes["shape"], node.attributes["axes"]
    if x.shape == shape:
        return (reading.broadcast(x, shape),)
    kept = np.arange(x.size).reshape(reduced(shape, axes, keep=True))
    return (Places(np.broadcast_to(kept, shape)),)


expand: Op = Op(
    "expand",
    expand_shape,
    by_copies(expand_shape, expand_copies),
    expand_gradient,
    copies=expand_copies,
    reads=expand_reads,
    moves=lambda node: bool(node.attributes["scale"] == 1),
    roles=expand_roles,
    per_sample=expand_per_sample,
    rebatched=expand_rebatched,
    batching=along_axes,
)


def is_copy(node: Node) -> bool:
    """Whether a node gives back its operand as it is, in memory of its own, as a clone; programs leave that out."""
    if node.op is not expand or node.inputs[0].spec != node.specs[0]:
        return False
    repeats = any(node.specs[0].shape[axis] != 1 for axis in node.attributes["axes"])
    return not repeats and float(node.attributes["scale"]) == 1.0
