"""Further functions of one element at a time: logarithms, circular and hyperbolic functions, and what is made of them.

Integers give float32 but where a function says otherwise. Source: https://pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from __future__ import annotations

import math

import numpy as np

from knoll.ops import elementwise
from knoll.ops import functions as ops
from knoll.ops.piecewise import hardshrink as hardshrink_op
from knoll.tensor.arguments import Operand, public
from knoll.tensor.arithmetic import (
    add,
    divide,
    equal,
    less_equal,
    logical_and,
    logical_or,
    multiply,
    reflected_divide,
    reflected_subtract,
    subtract,
)
from knoll.tensor.base import T
from knoll.tensor.pointwise import absolute, clamp, in_floats, isfinite, isnan, log, sqrt, where
from knoll.tensor.record import apply


@public("log1p")
def log1p(x: T, *, out: T | None = None) -> T:
    """The natural logarithm of 1 + x, exact for small x.

    >>> import knoll
    >>> knoll.log1p(knoll.tensor([0.0, 1e-10]))
    tensor([0.0000e+00, 1.0000e-10])
    """
    return in_floats(ops.log1p, x)


@public("log2")
def log2(x: T, *, out: T | None = None) -> T:
    """The logarithm to the base 2."""
    return in_floats(ops.log2, x)


@public("log10")
def log10(x: T, *, out: T | None = None) -> T:
    """The logarithm to the base 10."""
    return in_floats(ops.log10, x)


@public("expm1")
def expm1(x: T, *, out: T | None = None) -> T:
    """exp(x) − 1, exact for small x."""
    return in_floats(ops.expm1, x)


@public("exp2")
def exp2(x: T, *, out: T | None = None) -> T:
    """The power of 2 to x."""
    return in_floats(ops.exp2, x)


@public("tan")
def tan(x: T, *, out: T | None = None) -> T:
    """The tangent."""
    return in_floats(ops.tan, x)


@public("asin")
def asin(x: T, *, out: T | None = None) -> T:
    """The angle whose sine is x."""
    return in_floats(ops.asin, x)


@public("acos")
def acos(x: T, *, out: T | None = None) -> T:
    """The angle whose cosine is x."""
    return in_floats(ops.acos, x)


@public("atan")
def atan(x: T, *, out: T | None = None) -> T:
    """The angle whose tangent is x."""
    return in_floats(ops.atan, x)


@public("sinh")
def sinh(x: T, *, out: T | None = None) -> T:
    """The hyperbolic sine."""
    return in_floats(ops.sinh, x)


@public("cosh")
def cosh(x: T, *, out: T | None = None) -> T:
    """The hyperbolic cosine."""
    return in_floats(ops.cosh, x)


@public("asinh")
def asinh(x: T, *, out: T | None = None) -> T:
    """The number whose hyperbolic sine is x."""
    return in_floats(ops.asinh, x)


@public("acosh")
def acosh(x: T, *, out: T | None = None) -> T:
    """The number, not below 0, whose hyperbolic cosine is x."""
    return in_floats(ops.acosh, x)


@public("atanh")
def atanh(x: T, *, out: T | None = None) -> T:
    """The number whose hyperbolic tangent is x."""
    return in_floats(ops.atanh, x)


@public("erf")
def erf(x: T, *, out: T | None = None) -> T:
    """The error function, 2/√π times the integral of exp(−t²) from 0 to x."""
    return in_floats(ops.erf, x)


@public("erfinv")
def erfinv(x: T, *, out: T | None = None) -> T:
    """The number whose error function is x; ±∞ at ±1, NaN beyond.

    >>> import knoll
    >>> knoll.erfinv(knoll.tensor([0.0, 0.5, -1.0]))
    tensor([0.0000, 0.4769,   -inf])
    """
    return in_floats(ops.erfinv, x)


@public("trunc")
def trunc(x: T, *, out: T | None = None) -> T:
    """The whole number next to x toward 0; integers stay."""
    return apply(elementwise.trunc, x)[0]


@public("frac")
def frac(x: T, *, out: T | None = None) -> T:
    """What is left of x behind the point, with its sign."""
    return subtract(x, trunc(x))


@public("reciprocal")
def reciprocal(x: T, *, out: T | None = None) -> T:
    """1 / x."""
    return reflected_divide(x, 1.0)


@public("rsqrt")
def rsqrt(x: T, *, out: T | None = None) -> T:
    """1 / √x."""
    return reciprocal(sqrt(x))


@public("logit")
def logit(x: T, eps: float | None = None, *, out: T | None = None) -> T:
    """The logarithm of x / (1 − x), of x brought between `eps` and 1 − `eps` if that is given."""
    inside = x if eps is None else clamp(x, eps, 1 - eps)
    return log(divide(inside, reflected_subtract(inside, 1.0)))


@public("lerp")
def lerp(x: T, end: T, weight: Operand, *, out: T | None = None) -> T:
    """x + `weight` · (`end` − x): x itself at 0, `end` at 1.

    >>> import knoll
    >>> knoll.lerp(knoll.tensor([0.0, 10.0]), knoll.tensor([1.0, 20.0]), 0.5)
    tensor([ 0.5000, 15.0000])
    """
    return add(x, multiply(subtract(end, x), weight))


@public("addcmul")
def addcmul(x: T, tensor1: T, tensor2: T, *, value: float = 1, out: T | None = None) -> T:
    """x + `value` · `tensor1` · `tensor2`."""
    return add(x, multiply(multiply(tensor1, tensor2), value))


@public("addcdiv")
def addcdiv(x: T, tensor1: T, tensor2: T, *, value: float = 1, out: T | None = None) -> T:
    """x + `value` · `tensor1` / `tensor2`."""
    return add(x, multiply(divide(tensor1, tensor2), value))


@public("nan_to_num")
def nan_to_num(
    x: T, nan: float | None = None, posinf: float | None = None, neginf: float | None = None, *, out: T | None = None
) -> T:
    """`nan` (0 without it) for what is no number; the largest and least number of the type, or those given, for ±∞."""
    if x._dtype.kind != "f":
        return x
    bounds = np.finfo(x._dtype)
    high, low = (float(b) if g is None else g for g, b in ((posinf, bounds.max), (neginf, bounds.min)))
    numbers: T = where(isnan(x), 0.0 if nan is None else nan, x)
    below: T = where(equal(numbers, math.inf), high, numbers)
    return where(equal(below, -math.inf), low, below)


@public("isclose")
def isclose(x: T, other: T, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> T:
    """Where |x − other| ≤ atol + rtol · |other|."""
    near = less_equal(absolute(subtract(x, other)), add(multiply(absolute(other), rtol), atol))
    close = logical_or(equal(x, other), logical_and(near, isfinite(other)))
    return logical_or(close, logical_and(isnan(x), isnan(other))) if equal_nan else close


@public("hardshrink")
def hardshrink(x: T, lambd: float = 0.5) -> T:
    """Hard shrinkage: 0 where |x| is at most `lambd`, else x; NaN stays.

    >>> import knoll
    >>> knoll.hardshrink(knoll.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.,  0.,  2.])
    """
    return apply(hardshrink_op, x, lambd=lambd)[0]
