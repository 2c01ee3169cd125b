"""Elements along one axis: where the extremes stand, the order of all, and those at given indices."""

from __future__ import annotations

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, IndexOperand, Node, Op, Reads, Roles, Shape, Spec, Value, along
from knoll.graph import reads as reading
from knoll.graph.batching import Batch
from knoll.graph.batching_rules import along_axes
from knoll.graph.role import BATCHED
from knoll.ops.accumulate import add_at
from knoll.ops.elementwise.elementwise import MANY
from knoll.ops.indexing.index import all_below
from knoll.ops.reduction.reduce import normalised, reduced
from knoll.ops.shapes.reshape import reshape


def where_shape(x: Spec, *, axis: int) -> tuple[Spec]:
    """Without `axis`, as int64."""
    return (Spec(reduced(x.shape, normalised((axis,), x.rank), keep=False), np.dtype(np.int64)),)


def extreme_shape(x: Spec, *, axis: int) -> tuple[Spec, Spec]:
    """Without `axis`: the values, and where they stand."""
    shape = reduced(x.shape, normalised((axis,), x.rank), keep=False)
    return x.with_shape(*shape), Spec(shape, np.dtype(np.int64))


def max_along_meaning(x: Array, *, axis: int) -> tuple[Array, Array]:
    """The first largest value along `axis`, and its index."""
    return np.asarray(x.max(axis=axis)), np.asarray(x.argmax(axis=axis))


def min_along_meaning(x: Array, *, axis: int) -> tuple[Array, Array]:
    """The first smallest value along `axis`, and its index."""
    return np.asarray(x.min(axis=axis)), np.asarray(x.argmin(axis=axis))


def extreme_gradient(node: Node, dvalue: Value | None, _: Value | None) -> tuple[Value | None]:
    """Wholly to the element that won."""
    if dvalue is None:
        return (None,)
    (x,) = node.inputs
    return (extreme_dx(dvalue, node.outputs[1], shape=x.spec.shape, axis=node.attributes["axis"]),)


def extreme_dx_meaning(dy: Array, index: Array, *, shape: Shape, axis: int) -> tuple[Array]:
    """Zeros, with each dy where its value stood."""
    dx = np.zeros(shape, dy.dtype)
    np.put_along_axis(dx, np.expand_dims(index, axis), np.expand_dims(dy, axis), axis)
    return (dx,)


def _picked(g: Value, index: Value, axis: int) -> Value:
    """The elements of g where the values stood."""
    shape = list(index.spec.shape)
    shape.insert(axis % (len(shape) + 1), 1)
    return reshape(gather(g, reshape(index, shape=tuple(shape)), axis=axis % len(shape)), shape=index.spec.shape)


def extreme_reads(node: Node, _: int) -> tuple[Reads]:
    """The axis as a whole."""
    rank = node.inputs[0].spec.rank
    return (reading.reduced(rank, normalised((node.attributes["axis"],), rank), keep=False),)


def extreme_dx_batching(batch: Batch) -> tuple[Value, ...]:
    """The axis is one of the result, which has one more than the operands."""
    shape, axis = batch.node.attributes["shape"], batch.node.attributes["axis"]
    if not shape:
        return batch.repeated[:1]
    return batch.apply(*batch.repeated, shape=(batch.size, *shape), axis=axis % len(shape) + 1)


argmax: Op = Op(
    "argmax",
    where_shape,
    lambda x, *, axis: (np.asarray(x.argmax(axis=axis)),),
    reads=extreme_reads,
    batching=along_axes,
)
argmin: Op = Op(
    "argmin",
    where_shape,
    lambda x, *, axis: (np.asarray(x.argmin(axis=axis)),),
    reads=extreme_reads,
    batching=along_axes,
)
max_along: Op = Op(
    "max_along", extreme_shape, max_along_meaning, extreme_gradient, reads=extreme_reads, batching=along_axes
)
min_along: Op = Op(
    "min_along", extreme_shape, min_along_meaning, extreme_gradient, reads=extreme_reads, batching=along_axes
)
extreme_dx: Op = Op(
    "extreme_along_dx",
    lambda dy, *_, shape, **__: (dy.with_shape(*shape),),
    extreme_dx_meaning,
    lambda node, g: (_picked(g, node.inputs[1], node.attributes["axis"]), None),
    batching=extreme_dx_batching,
)


TURNS = 8  # of the largest that are found one after the other
FEW_OF = 8  # so many times as many elements are not sorted to find the largest


def argsort_meaning(x: Array, *, axis: int, descending: bool) -> tuple[Array]:
    """The order of the elements along `axis`; elements that tie keep their order."""
    if not descending:
        return (np.argsort(x, axis, kind="stable"),)
    backwards = np.flip(np.argsort(np.flip(x, axis), axis, kind="stable"), axis)
    return (x.shape[axis] - 1 - backwards,)


def top_meaning(x: Array, *, axis: int, count: int, largest: bool) -> tuple[Array]:
    """Where the `count` largest or smallest stand, in order; of those that tie, the first. NaN is the largest."""
    size = x.shape[axis]
    if not 0 < count * FEW_OF <= size:
        (order,) = argsort_meaning(x, axis=axis, descending=largest)
        return (np.take(order, np.arange(count), axis),)
    rows = np.moveaxis(x, axis, -1)
    places = _largest_by_turns(rows, count) if largest and count <= TURNS and x.dtype.kind == "f" else None
    if places is not None:
        return (np.ascontiguousarray(np.moveaxis(places, -1, axis)),)
    places = np.argpartition(rows, size - count if largest else count - 1, -1)
    places = np.sort(places[..., size - count :] if largest else places[..., :count], -1)
    chosen = np.take_along_axis(rows, places, -1)
    (order,) = argsort_meaning(chosen, axis=-1, descending=largest)
    places, chosen = (np.take_along_axis(each, order, -1) for each in (places, chosen))
    last = chosen[..., -1:]
    unsure = _equal(rows, last).sum(-1) > _equal(chosen, last).sum(-1)  # which of those that tie were chosen
    if unsure.any():
        places[unsure] = argsort_meaning(rows[unsure], axis=-1, descending=largest)[0][:, :count]
    return (np.ascontiguousarray(np.moveaxis(places, -1, axis)),)


def _largest_by_turns(rows: Array, count: int) -> Array | None:
    """Where the largest stands, the next, and so on; None where so many are not above −∞."""
    left, places = rows.copy(), np.empty((*rows.shape[:-1], count), np.int64)
    for turn in range(count):
        best = left.argmax(-1, keepdims=True)
        if (np.take_along_axis(left, best, -1) == -np.inf).any():
            return None
        places[..., turn : turn + 1] = best
        np.put_along_axis(left, best, -np.inf, -1)
    return places


def _equal(x: Array, to: Array) -> Array:
    """Where elements equal another, or both are NaN."""
    both: Array = (x == to) | ((x != x) & (to != to))  # NaN alone differs from itself
    return both


def ranked_meaning(x: Array, *, axis: int, rank: int) -> tuple[Array]:
    """Where the element stands that has so many before it in order; of those that tie, any."""
    return (np.take(np.argpartition(x, rank, axis), [rank], axis),)


def gather_shape(x: Spec, index: Spec, *, axis: int) -> tuple[Spec]:  # noqa: ARG001 (the other axes agree with x)
    """As `index`."""
    return (x.with_shape(*index.shape),)


def check_gathered(index: Array, axis: int, size: int) -> None:
    """Refuse an index that points beyond an axis of this size; none counts from the end."""
    if not all_below(index, size):
        wrong = index[(index < 0) | (index >= size)]
        raise StateError(f"index {wrong[0]} is out of bounds for dimension {axis} with size {size}")


def gather_meaning(x: Array, index: Array, *, axis: int) -> tuple[Array]:
    """y[i, j] = x[index[i, j], j] for axis 0, and so on."""
    check_gathered(index, axis, x.shape[axis])
    part = x[tuple(slice(None) if i == axis else slice(size) for i, size in enumerate(index.shape))]
    return (np.take_along_axis(part, index, axis),)


def gather_gradient(node: Node, dy: Value) -> tuple[Value, None]:
    """Each dy added where it was gathered."""
    x, index = node.inputs
    return gather_dx(dy, index, shape=x.spec.shape, axis=node.attributes["axis"]), None


def gather_dx_meaning(dy: Array, index: Array, *, shape: Shape, axis: int) -> tuple[Array]:
    """Zeros, with each dy added where it was gathered."""
    dx = np.zeros(shape, dy.dtype)
    where: list[Array] = list(np.indices(index.shape, sparse=True))
    where[axis] = index
    add_at(dx, tuple(where), dy)
    return (dx,)


def gather_reads(node: Node, _: int) -> tuple[Reads, ...]:
    """Any element along the axis, and its own index."""
    rank = node.inputs[0].spec.rank
    return reading.but_one(rank, node.attributes["axis"]), along(*range(rank))


argsort: Op = Op(
    "argsort",
    lambda x, **_: (Spec(x.shape, np.dtype(np.int64)),),
    argsort_meaning,
    reads=lambda node, _: (reading.but_one(node.specs[0].rank, node.attributes["axis"]),),
    batching=along_axes,
)


top: Op = Op(
    "top",
    lambda x, *, axis, count, **_: (Spec((*x.shape[:axis], count, *x.shape[axis + 1 :]), np.dtype(np.int64)),),
    top_meaning,
    reads=lambda node, _: (reading.but_one(node.specs[0].rank, node.attributes["axis"]),),
)
ranked: Op = Op(
    "ranked",
    lambda x, *, axis, **_: (Spec((*x.shape[:axis], 1, *x.shape[axis + 1 :]), np.dtype(np.int64)),),
    ranked_meaning,
    reads=lambda node, _: (reading.but_one(node.specs[0].rank, node.attributes["axis"]),),
)


def gather_indices(node: Node) -> IndexOperand:
    """The index of each element."""
    axis = node.attributes["axis"]
    shape = node.attributes.get("shape") or node.inputs[0].spec.shape
    return IndexOperand(1, check_gathered, (axis, shape[axis]))


BY_ITS_INDEX = Roles((BATCHED, BATCHED), (BATCHED,))

gather: Op = Op(
    "gather",
    gather_shape,
    gather_meaning,
    gather_gradient,
    reads=gather_reads,
    looks_up=True,
    roles=BY_ITS_INDEX,
    indices=gather_indices,
    compiled_from=MANY,
    batching=along_axes,
)
gather_dx: Op = Op(
    "gather_dx",
    lambda dy, *_, shape, **__: (dy.with_shape(*shape),),
    gather_dx_meaning,
    lambda node, g: (gather(g, node.inputs[1], axis=node.attributes["axis"]), None),
    roles=BY_ITS_INDEX,
    indices=gather_indices,
    per_sample=lambda node: {"shape": node.attributes["shape"][1:], "axis": node.attributes["axis"]},
    batching=along_axes,
)
