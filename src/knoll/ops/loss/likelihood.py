"""Functions of the Poisson, Kullback-Leibler and Gaussian losses: x · log y, Stirling's formula, clamped variance.

Derivatives at the boundaries are those of PyTorch's formulas.
"""

from __future__ import annotations

import math

import numpy as np

from knoll.errors import ArgumentError
from knoll.graph import Array, Node, Op, Spec, Value, by_element
from knoll.ops.elementwise.arithmetic import divide, multiply
from knoll.ops.elementwise.elementwise import MANY, NO_INTEGERS, binary, unary
from knoll.ops.formula import Arithmetic, V, at_least


def _xlogy(x: Array, y: Array) -> Array:
    """The product of x and log y; nothing where x is zero, unless y is no number."""
    return np.asarray(np.where((x == 0) & ~np.isnan(y), x.dtype.type(0), x * np.log(y)))


def xlogy_dx_meaning(dy: Array, x: Array, y: Array) -> tuple[Array]:
    """dy · log y; nothing where x is zero and y has no logarithm."""
    with np.errstate(all="ignore"):
        return (np.asarray(np.where((x == 0) & (y <= 0), dy.dtype.type(0), _xlogy(dy, y)), dy.dtype),)


def xlogy_formula(v: Arithmetic[V], x: V, y: V) -> V:
    """The product of x and log y, as above."""
    nothing = y.compare("uno", y).select(y, v.zero())
    return x.compare("oeq", v.zero()).select(nothing, x * v.log(y))


def xlogy_dx_formula(v: Arithmetic[V], dy: V, x: V, y: V) -> V:
    """dy · log y, as above."""
    bare = y.compare("ole", v.zero()).select(v.zero(), xlogy_formula(v, dy, y))
    return x.compare("oeq", v.zero()).select(bare, xlogy_formula(v, dy, y))


xlogy_dx: Op = Op("xlogy_dx", lambda dy, *_: (dy,), xlogy_dx_meaning, formula=xlogy_dx_formula)
xlogy: Op = binary(
    "xlogy",
    _xlogy,
    lambda x, y, dy: (xlogy_dx(dy, x, y), divide(multiply(dy, x), y)),
    compiled_from=MANY,
    formula=xlogy_formula,
)


def _stirling(t: Array) -> Array:
    """Stirling's formula for log t!; nothing up to 1, where that is zero."""
    formula = t * np.log(t) - t + 0.5 * np.log(2 * math.pi * t)
    return np.asarray(np.where(t <= 1, 0, formula))


def _stirling_dx(dy: Array, t: Array) -> Array:
    """No number where t has no logarithm, although the formula does not count there."""
    dy = np.where(t <= 1, dy.dtype.type(0), dy)
    return np.asarray(dy * np.log(t) + dy * 0.5 / t)


def stirling_formula(v: Arithmetic[V], t: V) -> V:
    """Stirling's formula, as above."""
    value = t * v.log(t) - t + v.constant(0.5) * v.log(v.constant(2 * math.pi) * t)
    return t.compare("ole", v.constant(1.0)).select(v.zero(), value)


def stirling_dx_formula(v: Arithmetic[V], dy: V, t: V) -> V:
    """Its slope, as above."""
    dy = t.compare("ole", v.constant(1.0)).select(v.zero(), dy)
    return dy * v.log(t) + dy * v.constant(0.5) / t


stirling_dx: Op = binary("stirling_dx", _stirling_dx, None, formula=stirling_dx_formula)
stirling: Op = unary(
    "stirling",
    _stirling,
    lambda t, y, dy: stirling_dx(dy, t),  # noqa: ARG005 (rules are given the result too)
    refuse=NO_INTEGERS,
    compiled_from=MANY,
    formula=stirling_formula,
)


def variance_shape(x: Spec, *, least: float) -> tuple[Spec]:  # noqa: ARG001 (it changes no shape)
    """The same shape."""
    return (x,)


def variance_meaning(x: Array, *, least: float) -> tuple[Array]:
    """No lower than `least`; negative ones are refused."""
    if (x < 0).any():
        raise ArgumentError("var has negative entry/entries", got=f"{x.min()}")
    return (np.asarray(np.maximum(x, x.dtype.type(least)), x.dtype),)


def variance_gradient(_: Node, dy: Value) -> tuple[Value]:
    """As if nothing had been lifted."""
    return (dy,)


def variance_formula(v: Arithmetic[V], x: V, least: float) -> V:
    """NaN where x is negative, as kernels cannot raise."""
    return x.compare("olt", v.zero()).select(v.constant(math.nan), at_least(x, v.constant(least)))


variance: Op = Op(
    "variance",
    variance_shape,
    variance_meaning,
    variance_gradient,
    formula=variance_formula,
    reads=by_element,
    may_refuse=True,
    compiled_from=MANY,
)
