"""Arithmetic: sums, products, quotients, roundings, exponentials and their inverses, and constants."""
# ruff: noqa: ARG005 (rules and formulas are given everything, and use what they need)

from __future__ import annotations

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, Op, Value, by_element
from knoll.ops.elementwise.elementwise import MANY, NO_INTEGERS, Binary, binary, unary
from knoll.ops.formula import Arithmetic, V
from knoll.ops.reduction.reduce import expand


def _zeros(x: Value, y: Value, dy: Value) -> Value:  # noqa: ARG001 (the shape of a gradient)
    """The gradient of what changes in steps: zero wherever it is defined."""
    return constant(dy, value=0.0)


def scaled(x: Value, factor: float) -> Value:
    """x times a number."""
    return expand(x, shape=x.spec.shape, axes=(), scale=factor)


def one_less(x: Value) -> Value:
    """The value x − 1."""
    return subtract(x, constant(x, value=1.0))


def _sign(x: Array) -> Array:
    return x if x.dtype.kind == "b" else np.subtract(x > 0, x < 0, dtype=x.dtype)


def _sign_formula(v: Arithmetic[V], x: V) -> V:
    below = x.compare("olt", v.zero()).select(v.constant(-1.0), v.zero())
    return x.compare("ogt", v.zero()).select(v.constant(1.0), below)


constant: Op = Op(
    "constant",
    lambda x, **_: (x,),
    lambda x, *, value: (np.full_like(x, value),),
    lambda *_: (None,),
    formula=lambda v, _, *, value: v.constant(value),
    reads=by_element,
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
