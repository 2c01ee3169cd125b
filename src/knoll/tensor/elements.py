"""Further functions of one or two numbers at a time, made of others.

Integers give float32 but where a function says otherwise. Source: https://pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.errors import DTypeError, StateError
from knoll.ops import pairs as ops
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.elementwise import broadcast
from knoll.tensor.arguments import Operand, public
from knoll.tensor.arithmetic import (
    add,
    cast,
    divide,
    equal,
    greater,
    logical_and,
    maximum,
    minimum,
    multiply,
    operate,
    power,
    reflected_subtract,
    subtract,
)
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import float32, float64, floating
from knoll.tensor.functions import erf, exp2, log1p, log2
from knoll.tensor.pointwise import absolute, exp, isinf, isnan, log, negative, sign, sin, where


@public("positive")
def positive(x: T) -> T:
    """x itself. Raises StateError for truths."""
    if x._dtype.kind == "b":
        raise StateError("The `+` operator, on a bool tensor is not supported.")
    return x


@public("deg2rad")
def deg2rad(x: T, *, out: T | None = None) -> T:
    """Degrees as radians.

    >>> import knoll
    >>> knoll.deg2rad(knoll.tensor([180.0]))
    tensor([3.1416])
    """
    return multiply(cast(x, floating(x)), math.pi / 180)


@public("rad2deg")
def rad2deg(x: T, *, out: T | None = None) -> T:
    """Radians as degrees."""
    return multiply(cast(x, floating(x)), 180 / math.pi)


@public("erfc")
def erfc(x: T, *, out: T | None = None) -> T:
    """1 − erf(x)."""
    return reflected_subtract(erf(x), 1.0)


@public("sinc")
def sinc(x: T, *, out: T | None = None) -> T:
    """sin(πx) / (πx), and 1 at 0."""
    angle = multiply(cast(x, floating(x)), math.pi)
    middle: T = equal(angle, 0)
    apart: T = where(middle, 1.0, angle)
    return where(middle, 1.0, divide(sin(apart), apart))


@public("signbit")
def signbit(x: T, *, out: T | None = None) -> T:
    """Whether the sign is minus, that of −0 too."""
    return type(x)._over(np.signbit(x._realize()) if x._dtype.kind == "f" else x._realize() < 0)


@public("isposinf")
def isposinf(x: T, *, out: T | None = None) -> T:
    """Whether each element is +∞."""
    return equal(x, math.inf)


@public("isneginf")
def isneginf(x: T, *, out: T | None = None) -> T:
    """Whether each element is −∞."""
    return equal(x, -math.inf)


@public("atan2")
def atan2(x: T, other: T, *, out: T | None = None) -> T:
    """The angle of the point (`other`, x), between −π and π.

    Source: https://pytorch.org/docs/stable/generated/torch.atan2.html

    >>> import knoll
    >>> knoll.atan2(knoll.tensor([1.0]), knoll.tensor([-1.0]))
    tensor([2.3562])
    """
    return operate(ops.atan2, x, other, float32)


@public("hypot")
def hypot(x: T, other: T, *, out: T | None = None) -> T:
    """√(x² + other²), without overflow."""
    return operate(ops.hypot, x, other)


@public("fmod")
def fmod(x: T, other: Operand, *, out: T | None = None) -> T:
    """What is left of x after whole multiples of `other`; it has the sign of x.

    Source: https://pytorch.org/docs/stable/generated/torch.fmod.html

    >>> import knoll
    >>> knoll.fmod(knoll.tensor([-3.0, 3.0]), 2)
    tensor([-1.,  1.])
    """
    return operate(ops.fmod, x, other)


@public("copysign")
def copysign(x: T, other: Operand, *, out: T | None = None) -> T:
    """|x| with the sign of `other`, that of −0 too."""
    return operate(ops.copysign, x, other, float32)


@public("fmax")
def fmax(x: T, other: T, *, out: T | None = None) -> T:
    """The larger of two elements; the other one where one is NaN."""
    return where(isnan(x), other, where(isnan(other), x, maximum(x, other)))


@public("fmin")
def fmin(x: T, other: T, *, out: T | None = None) -> T:
    """The smaller of two elements; the other one where one is NaN."""
    return where(isnan(x), other, where(isnan(other), x, minimum(x, other)))


@public("xlogy")
def xlogy(x: T, other: Operand, *, out: T | None = None) -> T:
    """x · log(`other`), and 0 where x is 0."""
    held: T = other if isinstance(other, type(x)) else type(x)._over(np.asarray(other, floating(x)))
    none: T = equal(x, 0)
    product = multiply(x, log(where(none, 1.0, held)))
    return where(logical_and(none, equal(held, held)), 0.0, where(none, log(held), product))


@public("heaviside")
def heaviside(x: T, values: T, *, out: T | None = None) -> T:
    """0 for negative numbers, 1 for positive ones, `values` at 0. Raises DTypeError for other element types."""
    if x._dtype != values._dtype:
        raise DTypeError(
            "heaviside is not yet implemented for tensors with different dtypes.",
            got=f"{scalar_name(x._dtype)}, {scalar_name(values._dtype)}",
        )
    above: T = cast(greater(x, 0), x._dtype)
    return where(equal(x, 0), values, above)


@public("logaddexp")
def logaddexp(x: T, other: T, *, out: T | None = None) -> T:
    """log(exp(x) + exp(other)), without overflow."""
    larger: T = maximum(x, other)
    apart = negative(absolute(subtract(x, other)))
    return where(isinf(larger), larger, add(larger, log1p(exp(apart))))


@public("logaddexp2")
def logaddexp2(x: T, other: T, *, out: T | None = None) -> T:
    """log₂(2^x + 2^other), without overflow."""
    larger: T = maximum(x, other)
    apart = negative(absolute(subtract(x, other)))
    return where(isinf(larger), larger, add(larger, log2(add(exp2(apart), 1.0))))


@public("ldexp")
def ldexp(x: T, other: T, *, out: T | None = None) -> T:
    """x · 2^other."""
    return multiply(x, exp2(cast(other, floating(other))))


@public("float_power")
def float_power(x: T, exponent: Operand, *, out: T | None = None) -> T:
    """The power of x to `exponent`, computed in float64."""
    raised: Any = cast(exponent, float64) if isinstance(exponent, TensorBase) else float(exponent)
    return power(cast(x, float64), raised)


@public("isin")
def isin(elements: T, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> T:
    """Whether each element is one of `test_elements`.

    >>> import knoll
    >>> knoll.isin(knoll.tensor([1, 2, 3]), knoll.tensor([2, 3]))
    tensor([False,  True,  True])
    """
    others = test_elements._realize() if isinstance(test_elements, TensorBase) else test_elements
    return type(elements)._over(np.isin(elements._realize(), others, assume_unique, invert))


@public("sgn")
def sgn(x: T, *, out: T | None = None) -> T:
    """−1, 0 or 1, as `sign`."""
    return sign(x)


@public("is_nonzero")
def is_nonzero(x: Any) -> bool:
    """Whether the only element is not zero. Raises StateError for several elements."""
    return bool(x)


@public("bitwise_left_shift")
def bitwise_left_shift(x: T, other: Operand, *, out: T | None = None) -> T:
    """x · 2^other, for whole numbers."""
    return _shifted(np.left_shift, "lshift_cpu", x, other)


@public("bitwise_right_shift")
def bitwise_right_shift(x: T, other: Operand, *, out: T | None = None) -> T:
    """x / 2^other rounded down, for whole numbers."""
    return _shifted(np.right_shift, "rshift_cpu", x, other)


def _shifted(function: Any, name: str, x: T, other: Operand) -> T:
    bits = other._realize() if isinstance(other, TensorBase) else np.asarray(other)
    broadcast(x.shape, bits.shape)
    is_number = not bits.ndim and bits.dtype.kind in "iu"
    kind = x._dtype if is_number else np.result_type(x._dtype, bits.dtype)
    if kind.kind not in "iu":
        refuse_dtype(name, kind)
    return type(x)._over(np.asarray(function(x._realize().astype(kind), bits.astype(kind)), kind))
