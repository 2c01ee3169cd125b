"""ReLU, sigmoid and tanh. Their gradients follow from the results, so that inputs need not be kept."""
# ruff: noqa: ARG005 (rules and formulas are given everything, and use what they need)

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Op, always
from knoll.ops.elementwise.arithmetic import add, multiply, negative, one_less
from knoll.ops.elementwise.elementwise import MANY, NO_INTEGERS, binary, unary
from knoll.ops.formula import Arithmetic, V


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0, small, 1) / (1 + small))


def _relu(x: Array) -> Array:
    return np.where(x < 0, x.dtype.type(0), x)


def _relu_formula(v: Arithmetic[V], x: V) -> V:
    return v.zero().compare("ogt", x).select(v.zero(), x)


def _where_positive(dy: Array, y: Array) -> Array:
    return np.where(y <= 0, dy.dtype.type(0), dy)  # NaN lets it through


def _where_positive_formula(v: Arithmetic[V], dy: V, y: V) -> V:
    return y.compare("ugt", v.zero()).select(dy, v.zero())


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
