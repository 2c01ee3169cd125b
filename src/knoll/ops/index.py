"""Picking elements: indexing and its gradient, and where the largest value stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import DimensionError
from knoll.graph import Array, Node, Op, Shape, Spec, Value
from knoll.ops.reduce import normalised, reduced


@np.errstate(all="ignore")
def _picked(x: Spec, key: Any) -> Shape:
    try:
        return np.broadcast_to(np.zeros((), np.bool_), x.shape)[_thaw(key)].shape
    except IndexError as error:
        raise DimensionError(str(error)) from None


def frozen(key: Any) -> Any:
    """An index that can be compared and remembered: slices and arrays become tuples that say what they are.

    >>> frozen((slice(0, 2), 1))
    ('tuple', ('slice', 0, 2, None), 1)
    """
    if isinstance(key, tuple):
        return ("tuple", *(frozen(part) for part in key))
    if isinstance(key, slice):
        return ("slice", key.start, key.stop, key.step)
    if isinstance(key, (np.ndarray, list)):
        array = np.asarray(key)
        return ("array", array.dtype.str, array.shape, array.tobytes())
    return "ellipsis" if key is Ellipsis else key


def _thaw(key: Any) -> Any:
    if key == "ellipsis":
        return Ellipsis
    if not isinstance(key, tuple):
        return key
    kind, *parts = key
    if kind == "slice":
        return slice(*parts)
    if kind == "array":
        return np.frombuffer(parts[2], parts[0]).reshape(parts[1])
    return tuple(_thaw(part) for part in parts)


def pick_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Each dy back where it was picked."""
    return (pick_dx(dy, shape=node.inputs[0].spec.shape, key=node.attributes["key"]),)


def pick_dx_meaning(dy: Array, *, shape: Shape, key: Any) -> tuple[Array]:
    """Zeros, with each dy added where it was picked."""
    dx = np.zeros(shape, dy.dtype)
    np.add.at(dx, _thaw(key), dy)
    return (dx,)


def argmax_shape(x: Spec, *, axis: int) -> tuple[Spec]:
    """Without `axis`, as int64."""
    return (Spec(reduced(x.shape, normalised((axis,), x.rank), keep=False), np.dtype(np.int64)),)


def largest_shape(x: Spec, *, axis: int) -> tuple[Spec, Spec]:
    """Without `axis`: the values, and where they stand."""
    shape = reduced(x.shape, normalised((axis,), x.rank), keep=False)
    return x.with_shape(*shape), Spec(shape, np.dtype(np.int64))


def largest_meaning(x: Array, *, axis: int) -> tuple[Array, Array]:
    """The first largest value along `axis`, and its index."""
    return np.asarray(x.max(axis=axis)), np.asarray(x.argmax(axis=axis))


def largest_gradient(node: Node, dvalue: Value | None, _: Value | None) -> tuple[Value | None]:
    """Wholly to the element that won."""
    if dvalue is None:
        return (None,)
    (x,) = node.inputs
    return (largest_dx(dvalue, node.outputs[1], shape=x.spec.shape, axis=node.attributes["axis"]),)


def largest_dx_meaning(dy: Array, index: Array, *, shape: Shape, axis: int) -> tuple[Array]:
    """Zeros, with each dy where its value stood."""
    dx = np.zeros(shape, dy.dtype)
    np.put_along_axis(dx, np.expand_dims(index, axis), np.expand_dims(dy, axis), axis)
    return (dx,)


pick = Op("pick", lambda x, *, key: (x.with_shape(*_picked(x, key)),), lambda x, *, key: (np.ascontiguousarray(x[_thaw(key)]),), pick_gradient)
pick_dx = Op("pick_dx", lambda dy, *, shape, key: (dy.with_shape(*shape),), pick_dx_meaning)
argmax = Op("argmax", argmax_shape, lambda x, *, axis: (np.asarray(x.argmax(axis=axis)),))
largest = Op("largest", largest_shape, largest_meaning, largest_gradient)
largest_dx = Op("largest_dx", lambda dy, index, *, shape, axis: (dy.with_shape(*shape),), largest_dx_meaning)
