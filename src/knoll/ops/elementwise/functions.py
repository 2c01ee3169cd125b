"""Functions of one real number with a derivative in closed form: powers, logarithms, circular and hyperbolic ones.

Derivatives are operations too, so that they have derivatives. Source: https://dlmf.nist.gov/4.7, 4.20, 4.34 and 7.10
"""
# ruff: noqa: ARG005 (rules are given everything, and use what they need)

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from knoll.graph import Array, Op, Value
from knoll.ops.activation.activation import FEW
from knoll.ops.elementwise.arithmetic import (
    add,
    constant,
    divide,
    exp,
    multiply,
    negative,
    scaled,
    sqrt,
    square,
    subtract,
)
from knoll.ops.elementwise.choose import choose
from knoll.ops.elementwise.comparisons import bitwise_or, greater, less
from knoll.ops.elementwise.elementwise import MANY, NO_INTEGERS, unary
from knoll.ops.elementwise.error_function import erf_formula, erf_meaning, erfc_formula, erfc_meaning
from knoll.ops.elementwise.inverse_error import inverse_error
from knoll.ops.elementwise.pairs import hypot
from knoll.ops.formula import Arithmetic, V, split

EXP2_FAR = 1100.0  # beyond which powers of two are infinite or zero
LOG_TWO_REST = 2.3190468138462996e-17  # ln 2 less what float64 holds of it


def _function(
    name: str,
    meaning: Callable[[Array], Array],
    gradient: Callable[[Value, Value, Value], Value],
    formula: Callable[..., Any] | None = None,
    compiled_from: float = math.inf,
) -> Op:
    """y = f(x), and dx of x, y and dy."""
    return unary(name, meaning, gradient, refuse=NO_INTEGERS, formula=formula, compiled_from=compiled_from)


def _error_slope(x: Value, dy: Value) -> Value:
    """The slope of the error function, 2/√π · exp(−x²)."""
    return multiply(dy, scaled(exp(negative(square(x))), 2 / math.sqrt(math.pi)))


def _one(x: Value) -> Value:
    return constant(x, value=1.0)


def _both_sides(x: Value) -> Value:
    """(1 − x) · (1 + x): 1 − x² without a loss near ±1."""
    return multiply(subtract(_one(x), x), add(_one(x), x))


def _above_one(x: Value) -> Value:
    """(x − 1) · (x + 1): x² − 1 without a loss near 1."""
    return multiply(subtract(x, _one(x)), add(x, _one(x)))


def _logit_dx(x: Value, _: Value, dy: Value) -> Value:
    """NaN outside of 0 and 1, where there is no logarithm."""
    outside = bitwise_or(less(x, constant(x, value=0.0)), greater(x, _one(x)))
    inside = divide(dy, multiply(x, subtract(_one(x), x)))
    return choose(outside, constant(x, value=math.nan), inside)


def _log1p_formula(v: Arithmetic[V], x: V) -> V:
    """The logarithm of u = 1 + x, and what rounding took from u, along the tangent; log u itself where u is 0 or ∞.

    Where u is 1 the result is x, so that −0 keeps its sign.

    Source: Kahan's correction, in Goldberg, What every computer scientist should know about floating-point arithmetic,
    1991, theorem 4.
    """
    one = v.constant(1.0)
    u = x + one
    lost = (x - (u - one)) / u
    ordinary = v.absolute(lost).compare("olt", one)  # NaN where u is 0 or ∞
    return u.compare("oeq", one).select(x, v.log(u) + ordinary.select(lost, v.zero()))


def _expm1_formula(v: Arithmetic[V], x: V) -> V:
    """As it is up to 40, from where 1 is nothing beside exp(x); x itself where it is −0."""
    result = x.compare("ogt", v.constant(40.0)).select(v.exp(x), v.expm1(x))
    return x.compare("oeq", v.zero()).select(x, result)


def _exp2_formula(v: Arithmetic[V], x: V) -> V:
    """The power x · ln 2 of e, the product with its rounding error."""
    factor, rest = split(v, Fraction(math.log(2)) + Fraction(LOG_TWO_REST))
    within = v.clamp(x, -EXP2_FAR, EXP2_FAR)
    z, error = v.two_product(within, factor)
    return v.exponential(z, error + within * rest).number


log1p: Op = _function("log1p", np.log1p, lambda x, y, dy: divide(dy, add(_one(x), x)), _log1p_formula, MANY)
logit: Op = _function("logit", lambda x: np.log(x / (1 - x)), _logit_dx)
log2: Op = _function("log2", np.log2, lambda x, y, dy: divide(dy, scaled(x, math.log(2))))
log10: Op = _function("log10", np.log10, lambda x, y, dy: divide(dy, scaled(x, math.log(10))))
expm1: Op = _function("expm1", np.expm1, lambda x, y, dy: multiply(dy, exp(x)), _expm1_formula, MANY)
exp2: Op = _function("exp2", np.exp2, lambda x, y, dy: multiply(dy, scaled(y, math.log(2))), _exp2_formula, MANY)
tan: Op = _function("tan", np.tan, lambda x, y, dy: multiply(dy, add(_one(y), square(y))))
asin: Op = _function("asin", np.arcsin, lambda x, y, dy: divide(dy, sqrt(_both_sides(x))))
acos: Op = _function("acos", np.arccos, lambda x, y, dy: negative(divide(dy, sqrt(_both_sides(x)))))
atan: Op = _function("atan", np.arctan, lambda x, y, dy: divide(dy, add(_one(x), square(x))))
sinh: Op = _function("sinh", np.sinh, lambda x, y, dy: multiply(dy, cosh(x)))
cosh: Op = _function("cosh", np.cosh, lambda x, y, dy: multiply(dy, sinh(x)))
asinh: Op = _function("asinh", np.arcsinh, lambda x, y, dy: divide(dy, hypot(_one(x), x)))
acosh: Op = _function("acosh", np.arccosh, lambda x, y, dy: divide(dy, sqrt(_above_one(x))))
atanh: Op = _function("atanh", np.arctanh, lambda x, y, dy: divide(dy, _both_sides(x)))
erf: Op = _function("erf", erf_meaning, lambda x, y, dy: _error_slope(x, dy), erf_formula, FEW)
erfc: Op = _function("erfc", erfc_meaning, lambda x, y, dy: negative(_error_slope(x, dy)), erfc_formula, FEW)
erfinv: Op = _function(
    "erfinv", inverse_error, lambda x, y, dy: multiply(dy, scaled(exp(square(y)), math.sqrt(math.pi) / 2))
)
