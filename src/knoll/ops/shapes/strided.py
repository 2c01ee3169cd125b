"""Strided views: diagonals and windows, whose elements lie a fixed number of places apart along the axes of x."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from knoll.graph import Array, Node, Op, Places, Roles, Shape, Spec, Value, always
from knoll.graph.batching import Batch
from knoll.ops.accumulate import add_at
from knoll.ops.copying import Parts, by_copies
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.indexing.index import frozen, pick
from knoll.ops.shapes.reshape import ANY, WHOLE

ALL = -1  # the size of an axis that is one of x, from its beginning to its end
MOST_SLICES = 64  # of windows that overlap, whose gradients are added one after the other

# Each axis of the result: its size, and how many places each of its steps goes on along each axis of x.
Axes: TypeAlias = tuple[tuple[int, Shape], ...]


def sizes_of(shape: Shape, axes: Axes) -> Shape:
    """The shape of the result.

    >>> sizes_of((4, 3), ((ALL, (1, 0)), (2, (0, 1))))
    (4, 2)
    """
    return tuple(shape[steps.index(1)] if size == ALL else size for size, steps in axes)


def strided_view(x: Array, start: Shape, axes: Axes) -> Array:
    """The view of an array in the memory of x, from its element `start` on.

    >>> strided_view(np.arange(6).reshape(2, 3), (0, 1), ((2, (1, 1)),))
    array([1, 5])
    """
    origin = x[tuple(slice(first, None) for first in start)]
    strides = [int(np.dot(steps, x.strides)) if x.ndim else 0 for _, steps in axes]
    return as_strided(origin, sizes_of(x.shape, axes), strides)


def strided_copies(x: Array, *, start: Shape, axes: Axes) -> Parts:
    """The elements that the view sees."""
    return [(..., strided_view(x, start, axes))]


def is_distinct(axes: Axes) -> bool:
    """Whether no element of x is seen twice: along each axis of x, every step passes over all of the smaller ones.

    >>> is_distinct(((3, (2,)), (2, (1,)))), is_distinct(((3, (1,)), (2, (1,))))
    (True, False)
    """
    along: dict[int, list[tuple[int, int]]] = {}
    for size, steps in axes:
        moved = next((axis for axis, step in enumerate(steps) if step), None)
        if moved is None:
            if size > 1:
                return False
        else:
            along.setdefault(moved, []).append((steps[moved], size))
    for moves in along.values():
        reach = 0
        for step, size in sorted(moves):
            if step <= reach:
                return False
            reach += step * (size - 1)
    return True


def strided_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Each dy back where it was seen; what was seen several times is summed, one slice of the last axis at a time."""
    shape, start, axes = node.inputs[0].spec.shape, node.attributes["start"], node.attributes["axes"]
    count, steps = axes[-1] if axes else (0, ())
    if is_distinct(axes) or not is_distinct(axes[:-1]) or not 0 < count <= MOST_SLICES:
        return (strided_dx(dy, shape=shape, start=start, axes=axes),)
    total: Value | None = None
    for i in range(count):
        part = pick(dy, key=frozen((*(slice(None),) * (len(axes) - 1), slice(i, i + 1))))
        first = tuple(a + i * step for a, step in zip(start, steps, strict=True))
        placed = strided_dx(part, shape=shape, start=first, axes=(*axes[:-1], (1, steps)))
        total = placed if total is None else add(total, placed)
    assert total is not None, "there are slices"
    return (total,)


def strided_dx_meaning(dy: Array, *, shape: Shape, start: Shape, axes: Axes) -> tuple[Array]:
    """Zeros, with each dy added where it was seen."""
    dx = np.zeros(shape, dy.dtype)
    if is_distinct(axes):
        strided_view(dx, start, axes)[...] = dy
    else:
        add_at(dx.reshape(-1), _places(shape, start, axes).reshape(-1), dy.reshape(-1))
    return (dx,)


def _places(shape: Shape, start: Shape, axes: Axes) -> Array:
    """The element of x that each one of the result is."""
    return strided_view(np.arange(int(np.prod(shape))).reshape(shape), start, axes)


def keeps_samples(start: Shape, axes: Axes) -> bool:
    """Whether the first axis is that of x, all of it, and no other moves along it."""
    first, *others = axes or ((0, (0,)),)
    along = start[:1] == (0,) and first[0] == ALL and first[1][0] == 1 and not any(first[1][1:])
    return along and not any(steps[0] for _, steps in others)


def strided_roles(node: Node) -> Roles:
    """Of each sample by itself where the first axis stays as it is; else of what samples share."""
    return ANY if keeps_samples(node.attributes["start"], node.attributes["axes"]) else WHOLE


def strided_dx_per_sample(node: Node) -> dict[str, Any]:
    """The attributes without the number of samples, where each has its own."""
    shape = node.attributes["shape"]
    return node.attributes | {"shape": shape[1:] if node.roles is ANY else shape}


def batching(batch: Batch) -> tuple[Value, ...]:
    """The axis of the examples in front, along which nothing else moves."""
    given = batch.node.attributes
    rank = len(given["start"])
    axes = ((ALL, (1, *(0,) * rank)), *((size, (0, *steps)) for size, steps in given["axes"]))
    shape = {"shape": (batch.size, *given["shape"])} if "shape" in given else {}
    return batch.apply(*batch.operands, start=(0, *given["start"]), axes=axes, **shape)


def _shape(x: Spec, *, axes: Axes, **_: Any) -> tuple[Spec]:
    return (x.with_shape(*sizes_of(x.shape, axes)),)


strided: Op = Op(
    "strided",
    _shape,
    by_copies(_shape, strided_copies),
    strided_gradient,
    copies=strided_copies,
    reads=lambda node, _: (Places(_places(node.inputs[0].spec.shape, **node.attributes)),),
    moves=always,
    roles=strided_roles,
    is_view=True,
    batching=batching,
)
strided_dx: Op = Op(
    "strided_dx",
    lambda dy, *, shape, **_: (dy.with_shape(*shape),),
    strided_dx_meaning,
    lambda node, g: (strided(g, start=node.attributes["start"], axes=node.attributes["axes"]),),
    roles=strided_roles,
    per_sample=strided_dx_per_sample,
    batching=batching,
)
