"""Eager evaluation along one axis in machine code: elements at indices, and running totals, of many numbers.

Where machine code cannot do what an operation means, as where an index is wrong or counts from the end, its meaning is
asked, which raises what is to be raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.graph import Array, Op, Spec
from knoll.graph.spec import FLOATS, Shape
from knoll.ops.elementwise.arithmetic import add, multiply
from knoll.ops.indexing.index import take, take_dx
from knoll.ops.reduction.along_axis import gather, gather_dx
from knoll.ops.reduction.scan import cumprod, cumsum, scatter, scatter_add
from knoll.run.arrays import MANY, copy_of, in_order

if TYPE_CHECKING:
    from knoll.kernels.indexing.eager_indexed import What

Function = Callable[..., Array]
IDENTITY = {cumsum: -0.0, cumprod: 1.0}  # what changes nothing, not even the sign of zero
SUMMED = ("float32", "float64", "int32", "int64")  # the element types that kernels add


def along_axis(op: Op, arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Function | None:
    """What computes an operation along an axis of many numbers; None where there is no machine code for it."""
    if max([array.size for array in arrays]) < MANY or not result.size:
        return None
    if op in IDENTITY:
        return _scan(op, attributes["axis"]) if result.dtype in FLOATS else None
    if op not in _WAYS or not all(array.size for array in arrays):
        return None
    return _WAYS[op](arrays, attributes, result)


def _scan(op: Op, axis: int) -> Function:
    from knoll.run.eager_indexed import scan  # when it is needed, as it imports the compiler

    joined = add if op is cumsum else multiply
    return lambda x: scan(joined, IDENTITY[op], x, axis)


def _gathered(arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Function | None:
    axis = attributes["axis"]
    if not _differ_along(axis, arrays[0].shape, result.shape):
        return None

    def computed(x: Array, index: Array) -> Array:
        made = np.empty(result.shape, result.dtype)
        return made if _moved("gather", in_order(x), index, made, axis) else _meant(gather, x, index, axis=axis)

    return computed


def _scattered(op: Op, what: What) -> Callable[..., Function | None]:
    def way(arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Function | None:
        axis, index = attributes["axis"], arrays[1]
        if not _differ_along(axis, result.shape, index.shape) or (what == "add" and result.dtype.name not in SUMMED):
            return None
        part = tuple(slice(size) for size in index.shape)

        def computed(x: Array, index: Array, source: Array) -> Array:
            made = copy_of(x)
            if _moved(what, made, index, in_order(source[part]), axis):
                return made
            return _meant(op, x, index, source, axis=axis)

        return computed

    return way


def _gathered_dx(arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Function | None:
    axis = attributes["axis"]
    if not _differ_along(axis, result.shape, arrays[1].shape) or result.dtype.name not in SUMMED:
        return None

    def computed(dy: Array, index: Array) -> Array:
        made = np.zeros(result.shape, result.dtype)
        return made if _moved("add", made, index, in_order(dy), axis) else _meant(gather_dx, dy, index, **attributes)

    return computed


def _taken(arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Function | None:
    if len(arrays) != 2:
        return None
    (axis,) = attributes["axes"]
    shape = _with_one_axis(arrays[0].shape, axis, arrays[1].size)

    def computed(x: Array, index: Array) -> Array:
        made = np.empty(shape, x.dtype)
        if _moved("gather", in_order(x), _repeated(index, shape, axis), made, axis):
            return made.reshape(result.shape)
        return _meant(take, x, index, **attributes)

    return computed


def _taken_dx(arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Function | None:
    if len(arrays) != 2 or result.dtype.name not in SUMMED:
        return None
    (axis,) = attributes["axes"]
    shape = _with_one_axis(result.shape, axis, arrays[1].size)

    def computed(dy: Array, index: Array) -> Array:
        made = np.zeros(result.shape, result.dtype)
        if _moved("add", made, _repeated(index, shape, axis), in_order(dy).reshape(shape), axis):
            return made
        return _meant(take_dx, dy, index, **attributes)

    return computed


_WAYS: dict[Op, Callable[..., Function | None]] = {
    gather: _gathered,
    gather_dx: _gathered_dx,
    scatter: _scattered(scatter, "put"),
    scatter_add: _scattered(scatter_add, "add"),
    take: _taken,
    take_dx: _taken_dx,
}


def _moved(what: What, table: Array, index: Array, rows: Array, axis: int) -> bool:
    """Whether all indices were places, to which or from which elements were moved."""
    from knoll.run.eager_indexed import indexed  # when it is needed, as it imports the compiler

    return index.dtype.name in ("int32", "int64") and indexed(what, table, index, rows, axis)


def _meant(op: Op, *arrays: Array, **attributes: Any) -> Array:
    """The result of the plain meaning."""
    result: Array = op.meaning(*arrays, **attributes)[0]
    return result


def _differ_along(axis: int, a: Shape, b: Shape) -> bool:
    """Whether shapes are alike but for one axis."""
    return a[:axis] == b[:axis] and a[axis + 1 :] == b[axis + 1 :]


def _with_one_axis(shape: Shape, axis: int, size: int) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _repeated(index: Array, shape: Shape, axis: int) -> Array:
    """Indices in reading order along an axis, repeated along the others."""
    return np.broadcast_to(index.reshape(-1, *(1,) * (len(shape) - axis - 1)), shape)
