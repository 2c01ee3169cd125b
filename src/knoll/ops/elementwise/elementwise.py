"""Elementwise operations: what one of one array or of two is made of.

Two arrays of different shapes broadcast as in NumPy; a gradient is summed over the axes that were repeated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import DTypeError, ShapeError
from knoll.graph import Array, Node, Op, Shape, Spec, Value, by_element
from knoll.graph.batching_rules import broadcasting
from knoll.graph.node import never
from knoll.messages import say
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.quiet import quiet_array
from knoll.ops.reduction.reduce import sum_
from knoll.ops.shapes.reshape import convert, reshape

Unary = Callable[[Array], Array]
Binary = Callable[[Array, Array], Array]


def _direct(meaning: Callable[..., Any], refuse: str, result: type | None) -> Callable[[], np.ufunc] | None:
    """What gives NumPy's function for floats, if the meaning is one, and gives the type of the result."""
    if not isinstance(meaning, np.ufunc) or "f" in refuse:
        return None
    made = {kind.partition("->")[2] for kind in meaning.types if kind.startswith("f" * meaning.nin + "->")}
    return (lambda: meaning) if made == {"f" if result is None else np.dtype(result).char} else None


def unary(
    name: str,
    meaning: Unary,
    gradient: Callable[[Value, Value, Value], Value | None] | None,
    result: type | None = None,
    refuse: str = "",
    compiled_from: float = math.inf,
    formula: Callable[..., Any] | None = None,
    monotone: Callable[[Node], bool] = never,
) -> Op:
    """An operation of one array; `gradient` takes x, y and dy; `refuse` names the kinds of element it does not take."""

    def shape(x: Spec) -> tuple[Spec]:
        if x.dtype.kind in refuse:
            raise DTypeError(f'"{name}" not implemented for {x.dtype}', advice=say("ops.same_dtype", dtype="float32"))
        return (Spec(x.shape, np.dtype(result)) if result else x,)

    def compute(x: Array) -> tuple[Array]:
        return (quiet_array(meaning, result or x.dtype, x),)

    direct = _direct(meaning, refuse, result)
    if gradient is None:
        return Op(name, shape, compute, formula=formula, reads=by_element, direct=direct)
    rule = gradient

    def backward(node: Node, dy: Value) -> tuple[Value | None]:
        return (rule(node.inputs[0], node.outputs[0], dy),)

    return Op(
        name,
        shape,
        compute,
        backward,
        formula=formula,
        reads=by_element,
        direct=direct,
        monotone=monotone,
        compiled_from=compiled_from,
    )


NO_INTEGERS = "biu"
MANY = 1 << 15  # elements from which machine code is faster than NumPy


def binary(
    name: str,
    meaning: Binary,
    gradient: Callable[[Value, Value, Value], tuple[Value | None, Value | None]] | None,
    result: type | None = None,
    refuse: str = "",
    compiled_from: float = math.inf,
    formula: Callable[..., Any] | None = None,
) -> Op:
    """An operation of two arrays that broadcast; `gradient` takes a, b and dy; `result` is the type if not theirs."""

    def shape(a: Spec, b: Spec) -> tuple[Spec]:
        if a.dtype.kind in refuse:
            refuse_dtype(f"{name}_cpu", a.dtype)
        return (Spec(broadcast(a.shape, b.shape), np.dtype(result or np.result_type(a.dtype, b.dtype))),)

    def compute(a: Array, b: Array) -> tuple[Array]:
        dtype = result or (a.dtype if a.dtype is b.dtype else np.result_type(a.dtype, b.dtype))
        return (quiet_array(meaning, dtype, a, b),)

    direct = _direct(meaning, refuse, result)
    if gradient is None:
        return Op(name, shape, compute, formula=formula, reads=by_element, direct=direct, batching=broadcasting)
    rule = gradient

    def backward(node: Node, dy: Value) -> tuple[Value | None, ...]:
        a, b = node.inputs
        return tuple(
            d if d is None else typed(sum_to_shape(d, v.spec.shape), v)
            for d, v in zip(rule(a, b, dy), (a, b), strict=True)
        )

    return Op(
        name,
        shape,
        compute,
        backward,
        formula=formula,
        reads=by_element,
        direct=direct,
        compiled_from=compiled_from,
        batching=broadcasting,
    )


def typed(d: Value, like: Value) -> Value | None:
    """A gradient in the element type of what it is the gradient of."""
    if not like.spec.is_float:
        return None
    return d if d.spec.dtype == like.spec.dtype else convert(d, dtype=like.spec.dtype.name)


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape that both repeat to.

    >>> broadcast((3, 1, 5), (4, 1))
    (3, 4, 5)
    """
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        longer = max(len(a), len(b))
        a_, b_ = (1,) * (longer - len(a)) + a, (1,) * (longer - len(b)) + b
        axis = max(i for i in range(longer) if a_[i] != b_[i] and 1 not in (a_[i], b_[i]))
        raise ShapeError(
            f"The size of tensor a ({a_[axis]}) must match the size of tensor b ({b_[axis]}) "
            f"at non-singleton dimension {axis}",
            expected=say("ops.same_shape"),
            got=f"{a}, {b}",
        ) from None


def sum_to_shape(value: Value, shape: Shape) -> Value:
    """Sum over the axes along which an array of `shape` was repeated."""
    if value.spec.shape == shape:
        return value
    extra = value.spec.rank - len(shape)
    axes = tuple(i for i in range(value.spec.rank) if i < extra or shape[i - extra] != value.spec.shape[i])
    return reshape(sum_(value, axes=axes, keep=False), shape=shape)
