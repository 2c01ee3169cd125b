"""Picking elements, and putting elements in their place."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import DimensionError
from knoll.graph import ALL, Array, IndexOperand, Node, Op, Read, Reads, Roles, Shape, Spec, Value, along, always
from knoll.graph import reads as reading
from knoll.graph.role import BATCHED, SHARED
from knoll.ops.accumulate import add_at
from knoll.ops.copying import Parts, by_copies
from knoll.ops.elementwise.elementwise import MANY, sum_to_shape
from knoll.ops.indexing.index_batching import (
    pick_batching,
    pick_dx_batching,
    put_batching,
    put_dx_batching,
    take_batching,
    take_dx_batching,
)
from knoll.ops.shapes.reshape import ANY, WHOLE

Axes = tuple[int, ...]


def frozen(key: Any) -> Any:
    """An index of integers, slices, `None` and `...` that can be compared and remembered.

    >>> frozen((slice(0, 2), 1))
    ('tuple', ('slice', 0, 2, None), 1)
    """
    if isinstance(key, tuple):
        return ("tuple", *(frozen(part) for part in key))
    if isinstance(key, slice):
        return ("slice", key.start, key.stop, key.step)
    return "ellipsis" if key is Ellipsis else key


def thawed(key: Any) -> Any:
    """The index that was frozen.

    >>> thawed(frozen((..., slice(0, 2), 1)))
    (Ellipsis, slice(0, 2, None), 1)
    """
    if key == "ellipsis":
        return Ellipsis
    if not isinstance(key, tuple):
        return key
    kind, *parts = key
    return slice(*parts) if kind == "slice" else tuple(thawed(part) for part in parts)


def _picked(x: Spec, key: Any) -> Shape:
    return tuple(np.broadcast_to(np.zeros((), np.bool_), x.shape)[thawed(key)].shape)


def pick_shape(x: Spec, *, key: Any) -> tuple[Spec]:
    """The shape of what is at `key`."""
    return (x.with_shape(*_picked(x, key)),)


def pick_copies(x: Array, *, key: Any) -> Parts:
    """The elements at `key`."""
    return [(..., np.asarray(x[thawed(key)]))]


def pick_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Each dy back where it was picked."""
    return (pick_dx(dy, shape=node.inputs[0].spec.shape, key=node.attributes["key"]),)


def pick_dx_shape(dy: Spec, *, shape: Shape, **_: Any) -> tuple[Spec]:
    """The shape that was picked from."""
    return (dy.with_shape(*shape),)


def pick_dx_copies(dy: Array, *, key: Any, **_: Any) -> Parts:
    """Zeros, with each dy where it was picked."""
    return [(..., np.zeros((), dy.dtype)), (of_a_view(thawed(key)), dy)]


def pick_reads(node: Node, _: int) -> tuple[Reads]:
    """The stretch that a slice takes of its axis, or one element."""
    x, found, axis = node.inputs[0].spec, list[Read](), 0
    for entry in _entries(thawed(node.attributes["key"]), x.rank):
        if entry is not None:
            size = x.shape[len(found)]
            found.append(_read_by(entry, size, axis))
        axis += entry is None or isinstance(entry, slice)
    return (tuple(found),)


def _entries(key: Any, rank: int) -> tuple[Any, ...]:
    """An entry for each axis, and None for each new one."""
    entries = key if isinstance(key, tuple) else (key,)
    at = entries.index(Ellipsis) if Ellipsis in entries else len(entries)
    named = sum(entry is not None and entry is not Ellipsis for entry in entries)
    return (*entries[:at], *(slice(None),) * (rank - named), *entries[at + 1 :])


def _read_by(entry: slice | int, size: int, axis: int) -> Read:
    if not isinstance(entry, slice):
        return Read(None, reading.stretch(size, entry % size, 1))
    start, stop, step = entry.indices(size)
    return Read(axis, reading.stretch(size, start, len(range(start, stop, step)), step))


def takes_all(key: Any, samples: int) -> bool:
    """Whether a frozen index takes all places of the first axis, of so many, in order."""
    parts = thawed(key)
    first = parts[0] if isinstance(parts, tuple) and parts else parts
    return first is Ellipsis or (isinstance(first, slice) and range(samples)[first] == range(samples))


def pick_roles(node: Node) -> Roles:
    """Of each sample by itself where all samples are taken; else of what they share."""
    shape = node.attributes.get("shape") or node.inputs[0].spec.shape
    return ANY if shape and takes_all(node.attributes["key"], shape[0]) else WHOLE


def pick_per_sample(node: Node) -> dict[str, Any]:
    """The attributes of the gradient without the number of samples, where all samples are taken."""
    shape, key = node.attributes["shape"], node.attributes["key"]
    return {"shape": shape[1:] if node.roles is ANY else shape, "key": key}


pick: Op = Op(
    "pick",
    pick_shape,
    by_copies(pick_shape, pick_copies, is_view=True),
    pick_gradient,
    copies=pick_copies,
    reads=pick_reads,
    moves=always,
    is_view=True,
    roles=pick_roles,
    batching=pick_batching,
)
pick_dx: Op = Op(
    "pick_dx",
    pick_dx_shape,
    by_copies(pick_dx_shape, pick_dx_copies),
    lambda node, g: (pick(g, key=node.attributes["key"]),),
    copies=pick_dx_copies,
    roles=pick_roles,
    per_sample=pick_per_sample,
    batching=pick_dx_batching,
)


def located(rank: int, axes: Axes, indices: tuple[Array, ...]) -> tuple[Any, ...]:
    """The NumPy index that takes `indices` along `axes` and everything along the others."""
    key: list[Any] = [slice(None)] * rank
    for axis, index in zip(axes, indices, strict=True):
        key[axis] = index
    return tuple(key)


def all_below(index: Array, size: int) -> bool:
    """Whether all elements are numbers from 0 up to a size: one comparison for each, and no sum of what is wrong.

    >>> all_below(np.array([0, 2]), 3), all_below(np.array([-1, 2]), 3)
    (True, False)
    """
    wide = index.astype(np.int64, copy=False)
    return not (wide.view(np.uint64) >= size).any()  # negative ones are very large ones


def check_index(index: Array, axis: int, size: int) -> None:
    """Refuse an index that points beyond an axis of this size."""
    if all_below(index, size):
        return
    if not size:
        raise DimensionError("index is out of bounds for dimension with size 0")
    wrong = index[(index < -size) | (index >= size)]
    if wrong.size:
        raise DimensionError(f"index {wrong[0]} is out of bounds for dimension {axis} with size {size}")


def check_indices(shape: Shape, axes: Axes, indices: tuple[Array, ...]) -> None:
    """Refuse an index that points beyond its axis."""
    for axis, index in zip(axes, indices, strict=True):
        check_index(index, axis, shape[axis])


def take_shape(x: Spec, *indices: Spec, axes: Axes) -> tuple[Spec]:
    """NumPy's rule: the indices broadcast, and stand where the first of them stood, or in front if they are apart."""
    some = Spec(tuple(max(size, 1) for size in x.shape), x.dtype)
    arrays = tuple(np.broadcast_to(np.zeros((), np.int64), index.shape) for index in indices)
    try:
        shape = np.broadcast_to(np.zeros((), np.bool_), some.shape)[located(x.rank, axes, arrays)].shape
    except IndexError:
        shapes = ", ".join(str(list(index.shape)) for index in indices)
        raise DimensionError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}"
        ) from None
    untouched = [size for axis, size in enumerate(x.shape) if axis not in axes]
    if 0 in untouched:
        shape = _with_empty_axes(shape, x.shape, axes, len(shape) - len(untouched))
    return (x.with_shape(*shape),)


def _with_empty_axes(shape: Shape, source: Shape, axes: Axes, indexed: int) -> Shape:
    """`shape`, worked out for axes of at least one element, with the empty ones put back."""
    together = axes == tuple(range(axes[0], axes[0] + len(axes)))
    before = axes[0] if together else 0
    untouched = [size for axis, size in enumerate(source) if axis not in axes]
    return (*untouched[:before], *shape[before : before + indexed], *untouched[before:])


def take_meaning(x: Array, *indices: Array, axes: Axes) -> tuple[Array]:
    """The elements at `indices`."""
    check_indices(x.shape, axes, indices)
    return (np.asarray(x[located(x.ndim, axes, indices)], order="C"),)


def take_gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """Each dy added where it was taken."""
    x, *indices = node.inputs
    return take_dx(dy, *indices, shape=x.spec.shape, axes=node.attributes["axes"]), *(None for _ in indices)


def take_dx_meaning(dy: Array, *indices: Array, shape: Shape, axes: Axes) -> tuple[Array]:
    """Zeros, with each dy added where it was taken; an element may be taken twice."""
    dx = np.zeros(shape, dy.dtype)
    add_at(dx, located(len(shape), axes, indices), dy)
    return (dx,)


def take_reads(node: Node, _: int) -> tuple[Reads, ...]:
    """Any element along the axes that have indices; the others stay."""
    (x, *indices), axes, rank = (v.spec for v in node.inputs), node.attributes["axes"], node.specs[0].rank
    left = [axis for axis in range(x.rank) if axis not in axes]
    indexed = rank - len(left)
    first = axes[0] if axes == tuple(range(axes[0], axes[0] + len(axes))) else 0
    number = {axis: place if place < first else place + indexed for place, axis in enumerate(left)}
    which = tuple(along(*(first + indexed - i.rank + j for j in range(i.rank))) for i in indices)
    repeated = tuple(
        tuple(ALL if size == 1 else read for size, read in zip(i.shape, reads, strict=True))
        for i, reads in zip(indices, which, strict=True)
    )
    return (along(*(number.get(axis) for axis in range(x.rank))), *repeated)


def take_axis(node: Node) -> tuple[int, int]:
    """The first axis that `take` or its gradient takes elements along, and how many the operand has there."""
    axis: int = node.attributes["axes"][0]
    return axis, (node.attributes.get("shape") or node.inputs[0].spec.shape)[axis]


def take_roles(node: Node) -> Roles:
    """Along axes of each sample, by indices that samples share; along the first one of what all of them share."""
    if node.attributes["axes"][0]:
        return Roles((BATCHED, SHARED), (BATCHED,))
    return Roles((SHARED, SHARED), (SHARED,))


def take_indices(node: Node) -> IndexOperand:
    """The index along the first axis; kernels know no second one."""
    return IndexOperand(1, check_index, take_axis(node))


def take_per_sample(node: Node) -> dict[str, Any]:
    """The shape without the samples, where each is taken from alone."""
    shape, axes = node.attributes["shape"], node.attributes["axes"]
    return {"shape": shape[1:] if axes[0] else shape, "axes": axes}


take: Op = Op(
    "take",
    take_shape,
    take_meaning,
    take_gradient,
    reads=take_reads,
    looks_up=True,
    roles=take_roles,
    indices=take_indices,
    compiled_from=MANY,
    batching=take_batching,
)
take_dx: Op = Op(
    "take_dx",
    lambda dy, *_, shape, **__: (dy.with_shape(*shape),),
    take_dx_meaning,
    lambda node, g: (take(g, *node.inputs[1:], axes=node.attributes["axes"]), *(None for _ in node.inputs[1:])),
    roles=take_roles,
    indices=take_indices,
    per_sample=take_per_sample,
    batching=take_dx_batching,
)


def of_a_view(key: Any) -> tuple[Any, ...]:
    """A key that gives a view, also where it leads to one element."""
    entries = key if isinstance(key, tuple) else (key,)
    return entries if Ellipsis in entries else (*entries, Ellipsis)


def view_at(x: Array, key: Any) -> Array:
    """The part of x at `key`, always a view, also where it is one element."""
    part: Array = x[of_a_view(key)]
    return part


def elements(x: Array, key: Any, axes: Axes, indices: tuple[Array, ...]) -> Array:
    """What `place` overwrites: of x where `key`, and then `indices` along `axes` of what is left, point."""
    part = view_at(x, key)
    check_indices(part.shape, axes, indices)
    found: Array = part[located(part.ndim, axes, indices)]
    return found


def place(x: Array, value: Any, key: Any, axes: Axes, indices: tuple[Array, ...]) -> None:
    """Write `value` into x where `key`, and then `indices` along `axes` of what is left, point."""
    part = view_at(x, key)
    check_indices(part.shape, axes, indices)
    part[located(part.ndim, axes, indices)] = value


def put_meaning(x: Array, value: Array, *indices: Array, key: Any, axes: Axes) -> tuple[Array]:
    """All of x, with `value` in place of the elements at `key` and `indices`."""
    y = x.copy()
    place(y, value, thawed(key), axes, indices)
    return (y,)


def put_gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """To x where it still stands, to the value where it was put."""
    _, value, *indices = node.inputs
    key, axes = node.attributes["key"], node.attributes["axes"]
    part = pick(dy, key=key)
    dvalue = take(part, *indices, axes=axes) if axes else part
    return put_dx(dy, *indices, key=key, axes=axes), sum_to_shape(dvalue, value.spec.shape), *(None for _ in indices)


def put_dx_meaning(dy: Array, *indices: Array, key: Any, axes: Axes) -> tuple[Array]:
    """dy, with nothing where something was put."""
    dx = dy.copy()
    place(dx, 0, thawed(key), axes, indices)
    return (dx,)


def put_reads(node: Node, _: int) -> tuple[Reads, ...]:
    """The element that was there, or any of those that are put."""
    x, *others = (value.spec for value in node.inputs)
    return (along(*range(x.rank)), *map(reading.everything, others))


put: Op = Op("put", lambda x, *_, **__: (x,), put_meaning, put_gradient, reads=put_reads, batching=put_batching)
put_dx: Op = Op(
    "put_dx",
    lambda dy, *_, **__: (dy,),
    put_dx_meaning,
    lambda node, g: (put_dx(g, *node.inputs[1:], **node.attributes), *(None for _ in node.inputs[1:])),
    batching=put_dx_batching,
)
