"""Trigonometric and hyperbolic functions, element by element; integers give float32.

Source: https://pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from __future__ import annotations

import math

from knoll.ops.activation import relu_sigmoid_tanh
from knoll.ops.elementwise import arithmetic, functions, pairs
from knoll.tensor.arguments import public
from knoll.tensor.base import T
from knoll.tensor.dtypes import float32, floating
from knoll.tensor.elementwise.arithmetic import cast, divide, multiply, operate
from knoll.tensor.elementwise.choose import where
from knoll.tensor.elementwise.comparisons import equal
from knoll.tensor.elementwise.pointwise import in_floats

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "hypot",
    "rad2deg",
    "sin",
    "sinc",
    "sinh",
    "tan",
    "tanh",
]


@public("sin")
def sin(x: T, *, out: T | None = None) -> T:
    """The sine; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.sin.html

    >>> import knoll
    >>> knoll.sin(knoll.tensor([0.0, 1.5707964]))
    tensor([0., 1.])
    """
    return in_floats(arithmetic.sin, x)


@public("cos")
def cos(x: T, *, out: T | None = None) -> T:
    """The cosine; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.cos.html

    >>> import knoll
    >>> knoll.cos(knoll.tensor([0.0, 3.1415927]))
    tensor([ 1., -1.])
    """
    return in_floats(arithmetic.cos, x)


@public("tan")
def tan(x: T, *, out: T | None = None) -> T:
    """The tangent.

    Source: https://pytorch.org/docs/stable/generated/torch.tan.html

    >>> import knoll
    >>> knoll.tan(knoll.tensor([0.0, 0.7853982]))
    tensor([0., 1.])
    """
    return in_floats(functions.tan, x)


@public("asin")
def asin(x: T, *, out: T | None = None) -> T:
    """The angle whose sine is x.

    Source: https://pytorch.org/docs/stable/generated/torch.asin.html

    >>> import knoll
    >>> knoll.asin(knoll.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5708])
    """
    return in_floats(functions.asin, x)


@public("acos")
def acos(x: T, *, out: T | None = None) -> T:
    """The angle whose cosine is x.

    Source: https://pytorch.org/docs/stable/generated/torch.acos.html

    >>> import knoll
    >>> knoll.acos(knoll.tensor([1.0, 0.0, -1.0]))
    tensor([0.0000, 1.5708, 3.1416])
    """
    return in_floats(functions.acos, x)


@public("atan")
def atan(x: T, *, out: T | None = None) -> T:
    """The angle whose tangent is x.

    Source: https://pytorch.org/docs/stable/generated/torch.atan.html

    >>> import knoll
    >>> knoll.atan(knoll.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7854])
    """
    return in_floats(functions.atan, x)


@public("atan2")
def atan2(x: T, other: T, *, out: T | None = None) -> T:
    """The angle of the point (`other`, x), between −π and π.

    Source: https://pytorch.org/docs/stable/generated/torch.atan2.html

    >>> import knoll
    >>> knoll.atan2(knoll.tensor([1.0]), knoll.tensor([-1.0]))
    tensor([2.3562])
    """
    return operate(pairs.atan2, x, other, float32)


@public("sinh")
def sinh(x: T, *, out: T | None = None) -> T:
    """The hyperbolic sine.

    Source: https://pytorch.org/docs/stable/generated/torch.sinh.html

    >>> import knoll
    >>> knoll.sinh(knoll.tensor([0.0, 1.0]))
    tensor([0.0000, 1.1752])
    """
    return in_floats(functions.sinh, x)


@public("cosh")
def cosh(x: T, *, out: T | None = None) -> T:
    """The hyperbolic cosine.

    Source: https://pytorch.org/docs/stable/generated/torch.cosh.html

    >>> import knoll
    >>> knoll.cosh(knoll.tensor([0.0, 1.0]))
    tensor([1.0000, 1.5431])
    """
    return in_floats(functions.cosh, x)


@public("tanh")
def tanh(x: T, *, out: T | None = None) -> T:
    """The hyperbolic tangent; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.tanh.html

    >>> import knoll
    >>> knoll.tanh(knoll.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7616])
    """
    return in_floats(relu_sigmoid_tanh.tanh, x)


@public("asinh")
def asinh(x: T, *, out: T | None = None) -> T:
    """The number whose hyperbolic sine is x.

    Source: https://pytorch.org/docs/stable/generated/torch.asinh.html

    >>> import knoll
    >>> knoll.asinh(knoll.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8814])
    """
    return in_floats(functions.asinh, x)


@public("acosh")
def acosh(x: T, *, out: T | None = None) -> T:
    """The number, not below 0, whose hyperbolic cosine is x.

    Source: https://pytorch.org/docs/stable/generated/torch.acosh.html

    >>> import knoll
    >>> knoll.acosh(knoll.tensor([1.0, 2.0]))
    tensor([0.0000, 1.3170])
    """
    return in_floats(functions.acosh, x)


@public("atanh")
def atanh(x: T, *, out: T | None = None) -> T:
    """The number whose hyperbolic tangent is x.

    Source: https://pytorch.org/docs/stable/generated/torch.atanh.html

    >>> import knoll
    >>> knoll.atanh(knoll.tensor([0.0, 0.5]))
    tensor([0.0000, 0.5493])
    """
    return in_floats(functions.atanh, x)


@public("hypot")
def hypot(x: T, other: T, *, out: T | None = None) -> T:
    """√(x² + other²), without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.hypot.html

    >>> import knoll
    >>> knoll.hypot(knoll.tensor([3.0]), knoll.tensor([4.0]))
    tensor([5.])
    """
    return operate(pairs.hypot, x, other)


@public("sinc")
def sinc(x: T, *, out: T | None = None) -> T:
    """sin(πx) / (πx), and 1 at 0.

    Source: https://pytorch.org/docs/stable/generated/torch.sinc.html

    >>> import knoll
    >>> knoll.sinc(knoll.tensor([0.0, 0.5]))
    tensor([1.0000, 0.6366])
    """
    angle = multiply(cast(x, floating(x)), math.pi)
    middle: T = equal(angle, 0)
    apart: T = where(middle, 1.0, angle)
    return where(middle, 1.0, divide(sin(apart), apart))


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
    """Radians as degrees.

    Source: https://pytorch.org/docs/stable/generated/torch.rad2deg.html

    >>> import knoll
    >>> knoll.rad2deg(knoll.tensor([3.1415927]))
    tensor([180.])
    """
    return multiply(cast(x, floating(x)), 180 / math.pi)
