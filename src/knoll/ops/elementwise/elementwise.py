"""Elementwise operations.

Two arrays of different shapes broadcast as in NumPy; a gradient is summed over the axes that were repeated.
"""
# ruff: noqa: ARG005 (rules and formulas are given everything, and use what they need)

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import DTypeError, ShapeError, StateError
from knoll.graph import Array, Node, Op, Shape, Spec, Value, always, by_element
from knoll.graph.batching_rules import broadcasting
from knoll.graph.node import never
from knoll.messages import say
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.formula import Arithmetic, V
from knoll.ops.quiet import quiet_array
from knoll.ops.reduction.reduce import expand, sum_
from knoll.ops.shapes.reshape import convert, reshape

Unary = Callable[[Array], Array]
Binary = Callable[[Array, Array], Array]


def _direct(meaning: Callable[..., Any], refuse: str) -> Callable[[], np.ufunc] | None:
    """What gives NumPy's function for floats, if the meaning is one."""
    return (lambda: meaning) if isinstance(meaning, np.ufunc) and "f" not in refuse else None


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

    direct = _direct(meaning, refuse)
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

    direct = _direct(meaning, refuse)
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


def _zeros(x: Value, y: Value, dy: Value) -> Value:  # noqa: ARG001 (the shape of a gradient)
    """The gradient of what changes in steps: zero wherever it is defined."""
    return constant(dy, value=0.0)


def scaled(x: Value, factor: float) -> Value:
    """x times a number."""
    return expand(x, shape=x.spec.shape, axes=(), scale=factor)


def one_less(x: Value) -> Value:
    """The value x − 1."""
    return subtract(x, constant(x, value=1.0))


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0, small, 1) / (1 + small))


def _relu(x: Array) -> Array:
    return np.where(x < 0, x.dtype.type(0), x)


def _relu_formula(v: Arithmetic[V], x: V) -> V:
    return v.zero().compare("ogt", x).select(v.zero(), x)


def _sign(x: Array) -> Array:
    return x if x.dtype.kind == "b" else np.subtract(x > 0, x < 0, dtype=x.dtype)


def _sign_formula(v: Arithmetic[V], x: V) -> V:
    below = x.compare("olt", v.zero()).select(v.constant(-1.0), v.zero())
    return x.compare("ogt", v.zero()).select(v.constant(1.0), below)


def _where_positive(dy: Array, y: Array) -> Array:
    return np.where(y <= 0, dy.dtype.type(0), dy)  # NaN lets it through


def _where_positive_formula(v: Arithmetic[V], dy: V, y: V) -> V:
    return y.compare("ugt", v.zero()).select(dy, v.zero())


constant: Op = Op(
    "constant",
    lambda x, **_: (x,),
    lambda x, *, value: (np.full_like(x, value),),
    lambda *_: (None,),
    formula=lambda v, _, *, value: v.constant(value),
    reads=by_element,
)

# Gradients in terms of the result y, so that the input need not be kept.
relu_dx: Op = binary(
    "relu_dx", _where_positive, lambda dy, y, g: (relu_dx(g, y), None), formula=_where_positive_formula
)
sigmoid_dx: Op = binary(
    "sigmoid_dx",
    lambda dy, y: dy * y * (1 - y),
    lambda dy, y, g: (sigmoid_dx(g, y), negative(multiply(multiply(g, dy), add(one_less(y), y)))),
    formula=lambda v, dy, y: dy * y * (v.constant(1.0) - y),
)
tanh_dx: Op = binary(
    "tanh_dx",
    lambda dy, y: dy * (1 - y * y),
    lambda dy, y, g: (tanh_dx(g, y), negative(multiply(multiply(g, dy), add(y, y)))),
    formula=lambda v, dy, y: dy * (v.constant(1.0) - y * y),
)

add: Op = binary("add", np.add, lambda a, b, dy: (dy, dy), formula=lambda v, a, b: a + b)
subtract: Op = binary("subtract", np.subtract, lambda a, b, dy: (dy, negative(dy)), formula=lambda v, a, b: a - b)
multiply: Op = binary(
    "multiply",
    np.multiply,
    lambda a, b, dy: (multiply(dy, b), multiply(dy, a)),
    formula=lambda v, a, b: a * b,
)
divide: Op = binary(
    "divide",
    np.divide,
    lambda a, b, dy: (divide(dy, b), negative(divide(multiply(dy, divide(a, b)), b))),
    formula=lambda v, a, b: a / b,
)

negative: Op = unary("negative", np.negative, lambda x, y, dy: negative(dy), refuse="b", formula=lambda v, x: -x)
absolute: Op = unary(
    "absolute",
    np.abs,
    lambda x, y, dy: multiply(dy, sign(x)),
    refuse="b",
    formula=lambda v, x: v.absolute(x),
)
sign: Op = unary("sign", _sign, _zeros, formula=_sign_formula)
floor: Op = unary("floor", np.floor, _zeros, refuse="b", formula=lambda v, x: v.to_whole(x, "floor"))
ceil: Op = unary("ceil", np.ceil, _zeros, refuse="b", formula=lambda v, x: v.to_whole(x, "ceil"))
trunc: Op = unary("trunc", np.trunc, _zeros, refuse="b", formula=lambda v, x: v.to_whole(x, "trunc"))
round_even: Op = unary("round", np.round, _zeros, refuse="b", formula=lambda v, x: v.to_whole(x, "roundeven"))
square: Op = unary("square", np.square, lambda x, y, dy: multiply(dy, add(x, x)), formula=lambda v, x: x * x)
exp: Op = unary(
    "exp",
    np.exp,
    lambda x, y, dy: multiply(dy, y),
    refuse=NO_INTEGERS,
    compiled_from=MANY,
    formula=lambda v, x: v.exp(x),
)
log: Op = unary(
    "log", np.log, lambda x, y, dy: divide(dy, x), refuse=NO_INTEGERS, compiled_from=MANY, formula=lambda v, x: v.log(x)
)
sqrt: Op = unary(
    "sqrt",
    np.sqrt,
    lambda x, y, dy: divide(dy, add(y, y)),
    refuse=NO_INTEGERS,
    compiled_from=MANY,
    formula=lambda v, x: v.sqrt(x),
)
sin: Op = unary("sin", np.sin, lambda x, y, dy: multiply(dy, cos(x)), refuse=NO_INTEGERS)
cos: Op = unary("cos", np.cos, lambda x, y, dy: negative(multiply(dy, sin(x))), refuse=NO_INTEGERS)
relu: Op = unary(
    "relu",
    _relu,
    lambda x, y, dy: relu_dx(dy, y),
    refuse="b",
    compiled_from=MANY,
    formula=_relu_formula,
    monotone=always,
)
sigmoid: Op = unary(
    "sigmoid",
    _sigmoid,
    lambda x, y, dy: sigmoid_dx(dy, y),
    refuse=NO_INTEGERS,
    compiled_from=MANY,
    formula=lambda v, x: v.sigmoid(x),
    monotone=always,
)
tanh: Op = unary(
    "tanh",
    np.tanh,
    lambda x, y, dy: tanh_dx(dy, y),
    refuse=NO_INTEGERS,
    compiled_from=MANY,
    formula=lambda v, x: v.tanh(x),
    monotone=always,
)

equal: Op = binary("equal", np.equal, None, np.bool_)
not_equal: Op = binary("not_equal", np.not_equal, None, np.bool_)
less: Op = binary("less", np.less, None, np.bool_)
less_equal: Op = binary("less_equal", np.less_equal, None, np.bool_)
greater: Op = binary("greater", np.greater, None, np.bool_)
greater_equal: Op = binary("greater_equal", np.greater_equal, None, np.bool_)
is_nan: Op = unary("is_nan", np.isnan, None, np.bool_)
is_infinite: Op = unary("is_infinite", np.isinf, None, np.bool_)
is_finite: Op = unary("is_finite", np.isfinite, None, np.bool_)

bitwise_not: Op = unary("bitwise_not", np.invert, None, refuse="f")
bitwise_and: Op = binary("bitwise_and", np.bitwise_and, None, refuse="f")
bitwise_or: Op = binary("bitwise_or", np.bitwise_or, None, refuse="f")
bitwise_xor: Op = binary("bitwise_xor", np.bitwise_xor, None, refuse="f")


def _whole(divide_whole: Binary) -> Binary:
    """Division of integers by zero is an error, as nothing stands for its result."""

    def meaning(a: Array, b: Array) -> Array:
        if b.dtype.kind in "iu" and not b.all():
            raise StateError("ZeroDivisionError")
        return np.asarray(divide_whole(a, b))

    return meaning


def _toward_zero(a: Array, b: Array) -> Array:
    if b.dtype.kind == "f":
        return np.asarray(np.trunc(np.divide(a, b)))
    return np.asarray((a - np.fmod(a, b)) // b)


def _flat(a: Value, b: Value, dy: Value) -> tuple[Value, Value]:
    """The gradients of what changes in steps: zero wherever they are defined."""
    return _zeros(a, b, dy), _zeros(b, a, dy)


floor_divide: Op = binary("floor_divide", _whole(np.floor_divide), _flat)
trunc_divide: Op = binary("trunc_divide", _whole(_toward_zero), _flat)
remainder: Op = binary(
    "remainder", _whole(np.remainder), lambda a, b, dy: (dy, negative(multiply(dy, floor_divide(a, b))))
)
