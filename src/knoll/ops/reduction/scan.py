"""Running sums and products along an axis, products of all elements, and elements put at given places."""

from __future__ import annotations

import math

import numpy as np

from knoll.graph import Array, Node, Op, Shape, Spec, Value
from knoll.graph import reads as reading
from knoll.graph.batching_rules import along_axes, in_shape
from knoll.graph.reads import Reads
from knoll.ops.accumulate import add_at, total_type, wide
from knoll.ops.differentiate import slope
from knoll.ops.elementwise.arithmetic import add, constant, multiply
from knoll.ops.indexing.index import frozen, pick
from knoll.ops.quiet import quiet_array, quietly
from knoll.ops.reduction.along_axis import gather
from knoll.ops.reduction.reduce import reduced, sum_, sum_shape
from knoll.ops.shapes.reshape import concatenate, reshape


def scan_shape(x: Spec) -> tuple[Spec]:
    """As x; integers and truths are added up as int64."""
    return (Spec(x.shape, total_type(x.dtype)),)


def scan_reads(node: Node, _: int) -> tuple[Reads]:
    """Any element along the axis."""
    return (reading.but_one(node.specs[0].rank, node.attributes["axis"]),)


def backwards(x: Value, axis: int) -> Value:
    """The elements along the axis in the other order."""
    key = tuple(slice(None, None, -1 if place == axis else None) for place in range(x.spec.rank))
    return pick(x, key=frozen(key))


def cumsum_meaning(x: Array, *, axis: int) -> tuple[Array]:
    """Each element plus all before it."""
    return (quiet_array(np.cumsum, total_type(x.dtype), x, axis, wide(x.dtype)),)


def cumsum_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Each dy plus all behind it."""
    axis = node.attributes["axis"]
    return (backwards(cumsum(backwards(dy, axis), axis=axis), axis),)


def cumprod_meaning(x: Array, *, axis: int) -> tuple[Array]:
    """Each element times all before it."""
    return (quiet_array(np.cumprod, total_type(x.dtype), x, axis, wide(x.dtype)),)


def cumprod_dx_meaning(dy: Array, x: Array, *, axis: int) -> tuple[Array]:
    """For each element the sum, over all products that it is in, of dy times the other factors, which may be zero.

    With a reversed running sum s of dy · (product of the factors between) this is dx_i = p_{i−1} · s_i, where
    s_i = dy_i + x_{i+1} · s_{i+1} and p the running product.
    """
    dx = quietly(_cumprod_dx, *(np.moveaxis(each, axis, 0).astype(wide(x.dtype), copy=False) for each in (dy, x)))
    return (np.ascontiguousarray(quiet_array(np.moveaxis, x.dtype, dx, 0, axis)),)


def _cumprod_dx(dy: Array, x: Array) -> Array:
    """As above, along the first axis."""
    rest = np.zeros_like(dy)
    for place in reversed(range(len(x))):
        behind = x[place + 1] * rest[place + 1] if place + 1 < len(x) else 0
        rest[place] = dy[place] + behind
    before = np.ones_like(x)
    before[1:] = np.cumprod(x, 0)[:-1]
    return np.asarray(before * rest)


def prod_meaning(x: Array, *, axes: tuple[int, ...], keep: bool) -> tuple[Array]:
    """The product over the axes."""
    return (quiet_array(np.prod, total_type(x.dtype), x, axes, wide(x.dtype), None, keep),)


def prod_gradient(node: Node, dy: Value) -> tuple[Value]:
    """dy times the other factors."""
    return (prod_dx(dy, node.inputs[0], axes=node.attributes["axes"]),)


def prod_dx_meaning(dy: Array, x: Array, *, axes: tuple[int, ...]) -> tuple[Array]:
    """dy times the product of the other factors, those before and those behind, which may be zero or infinite."""
    last = tuple(range(x.ndim - len(axes), x.ndim))
    moved = np.moveaxis(x, axes, last)
    lines = moved.reshape(*moved.shape[: x.ndim - len(axes)], math.prod(x.shape[axis] for axis in axes))
    factors = quietly(_other_factors, lines.astype(wide(x.dtype), copy=False))
    others = np.moveaxis(factors.reshape(moved.shape), last, axes)
    kept = dy.reshape(reduced(x.shape, axes, keep=True))
    return (quiet_array(np.multiply, x.dtype, others, kept, order="C"),)


def _other_factors(x: Array) -> Array:
    """For each element of a line the product of the others."""
    before, behind = np.ones_like(x), np.ones_like(x)
    np.cumprod(x[..., :-1], -1, out=before[..., 1:])
    np.cumprod(x[..., :0:-1], -1, out=behind[..., -2::-1])
    return np.asarray(before * behind)


def _multiplied_up(x: Value, axis: int) -> Value:
    """Running products: each element times the one before it, then times the two before, the four, and so on."""
    size, reach = x.spec.shape[axis], 1
    while reach < size:
        later, first, sooner = (
            _part_along(x, axis, part) for part in (slice(reach, None), slice(reach), slice(-reach))
        )
        x = concatenate(first, multiply(later, sooner), axis=axis)
        reach *= 2
    return x


def _multiplied(x: Value, axes: tuple[int, ...]) -> Value:
    """Products over axes: of pairs, then of pairs of these, and so on; each axis is left with one element."""
    for axis in axes:
        if not x.spec.shape[axis]:  # a product of nothing is one
            nothing = sum_(x, axes=(axis,), keep=True)
            x = add(nothing, constant(nothing, value=1.0))
        while (size := x.spec.shape[axis]) > 1:
            half = size // 2
            pairs = multiply(_part_along(x, axis, slice(half)), _part_along(x, axis, slice(half, 2 * half)))
            x = concatenate(pairs, _part_along(x, axis, slice(2 * half, None)), axis=axis) if size % 2 else pairs
    return x


def _part_along(x: Value, axis: int, part: slice) -> Value:
    return pick(x, key=frozen((slice(None),) * axis + (part,) + (slice(None),) * (x.spec.rank - axis - 1)))


def cumprod_dx_composed(dy: Value, x: Value, *, axis: int) -> tuple[Value]:
    """The gradient of running products by operations that have gradients."""
    return (slope(lambda operand: _multiplied_up(operand, axis), x, dy),)


def prod_dx_composed(dy: Value, x: Value, *, axes: tuple[int, ...]) -> tuple[Value]:
    """The gradient of products by operations that have gradients."""
    kept = reduced(x.spec.shape, axes, keep=True)
    return (slope(lambda operand: _multiplied(operand, axes), x, reshape(dy, shape=kept)),)


def scatter_places(index: Array, axis: int) -> tuple[Array, ...]:
    """Where each element of `index` points: its own place, but along `axis`."""
    places: list[Array] = list(np.indices(index.shape, sparse=True))
    places[axis] = index
    return tuple(places)


def scatter_meaning(x: Array, index: Array, source: Array, *, axis: int) -> tuple[Array]:
    """x, with the elements of the source at the places that the index says."""
    made = x.copy()
    made[scatter_places(index, axis)] = source[tuple(slice(size) for size in index.shape)]
    return (made,)


def scatter_gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """dy where nothing was written, and the dy that stand where it was."""
    axis, index = node.attributes["axis"], node.inputs[1]
    source = node.inputs[2].spec
    return scatter_kept(dy, index, axis=axis), None, spread(gather(dy, index, axis=axis), shape=source.shape)


def scatter_add_meaning(x: Array, index: Array, source: Array, *, axis: int) -> tuple[Array]:
    """x, with the elements of the source added at the places that the index says."""
    made = x.copy()
    add_at(made, scatter_places(index, axis), source[tuple(slice(size) for size in index.shape)])
    return (made,)


def scatter_add_gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """dy, and the dy that stand where it was added."""
    axis, index = node.attributes["axis"], node.inputs[1]
    return dy, None, spread(gather(dy, index, axis=axis), shape=node.inputs[2].spec.shape)


def scatter_kept_meaning(dy: Array, index: Array, *, axis: int) -> tuple[Array]:
    """dy, with zeros at the places that the index says."""
    made = dy.copy()
    made[scatter_places(index, axis)] = 0
    return (made,)


def spread_meaning(dy: Array, *, shape: Shape) -> tuple[Array]:
    """dy in the first corner of zeros of this shape."""
    made = np.zeros(shape, dy.dtype)
    made[tuple(slice(size) for size in dy.shape)] = dy
    return (made,)


def _dx_of_product(node: Node, dy: Value) -> tuple[Value]:
    return (cumprod_dx(dy, node.inputs[0], axis=node.attributes["axis"]),)


def _first(x: Spec, *_: Spec, **__: object) -> tuple[Spec]:
    return (x,)


cumsum: Op = Op(
    "cumsum", lambda x, **_: scan_shape(x), cumsum_meaning, cumsum_gradient, reads=scan_reads, batching=along_axes
)
cumprod: Op = Op(
    "cumprod", lambda x, **_: scan_shape(x), cumprod_meaning, _dx_of_product, reads=scan_reads, batching=along_axes
)
cumprod_dx: Op = Op("cumprod_dx", _first, cumprod_dx_meaning, composition=cumprod_dx_composed, batching=along_axes)
prod: Op = Op("prod", sum_shape, prod_meaning, prod_gradient, batching=along_axes)
prod_dx: Op = Op("prod_dx", lambda _, x, **__: (x,), prod_dx_meaning, composition=prod_dx_composed, batching=along_axes)
scatter: Op = Op("scatter", _first, scatter_meaning, scatter_gradient, batching=along_axes)
scatter_add: Op = Op("scatter_add", _first, scatter_add_meaning, scatter_add_gradient, batching=along_axes)
scatter_kept: Op = Op(
    "scatter_kept",
    _first,
    scatter_kept_meaning,
    lambda node, g: (scatter_kept(g, node.inputs[1], axis=node.attributes["axis"]), None),
    batching=along_axes,
)
spread: Op = Op(
    "spread",
    lambda dy, *, shape: (dy.with_shape(*shape),),
    spread_meaning,
    lambda node, g: (pick(g, key=frozen(tuple(slice(size) for size in node.inputs[0].spec.shape))),),
    batching=in_shape,
)
