"""Rounding, element by element, and what it leaves over.

Source: https://pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from __future__ import annotations

import numpy as np

from knoll.ops.dtypes import refuse_dtype
from knoll.ops.elementwise import arithmetic, pairs
from knoll.tensor.arguments import Operand, public
from knoll.tensor.base import T
from knoll.tensor.dtypes import float16, float32
from knoll.tensor.elementwise.arithmetic import cast, divide, multiply, operate, subtract
from knoll.tensor.record import apply

__all__ = ["ceil", "floor", "fmod", "frac", "trunc"]


@public("floor")
def floor(x: T, *, out: T | None = None) -> T:
    """The largest whole number not above.

    Source: https://pytorch.org/docs/stable/generated/torch.floor.html

    >>> import knoll
    >>> knoll.floor(knoll.tensor([-1.5, 0.2]))
    tensor([-2.,  0.])
    """
    return apply(arithmetic.floor, x)[0]


@public("ceil")
def ceil(x: T, *, out: T | None = None) -> T:
    """The smallest whole number not below.

    Source: https://pytorch.org/docs/stable/generated/torch.ceil.html

    >>> import knoll
    >>> knoll.ceil(knoll.tensor([-1.5, 0.2]))
    tensor([-1.,  1.])
    """
    return apply(arithmetic.ceil, x)[0]


@public("round")
def round_even(x: T, *, decimals: int = 0, out: T | None = None) -> T:
    """The nearest whole number, or number with so many `decimals`; halves go to the even one.

    Source: https://pytorch.org/docs/stable/generated/torch.round.html

    >>> from knoll.tensor import tensor
    >>> tensor([1.25, 25.0]).round(), tensor([1.25, 25.0]).round(decimals=-1)
    (tensor([ 1., 25.]), tensor([ 0., 20.]))
    """
    if decimals == 0:
        return apply(arithmetic.round_even, x)[0]
    if x._dtype.kind != "f":
        refuse_dtype("round_cpu", x._dtype)
    wide = cast(x, float32) if x._dtype == float16 else x  # as PyTorch computes with halves
    with np.errstate(over="ignore"):
        ten = float(np.power(10.0, abs(decimals)))
    first, last = (multiply, divide) if decimals > 0 else (divide, multiply)
    return cast(last(apply(arithmetic.round_even, first(wide, ten))[0], ten), x._dtype)


@public("trunc")
def trunc(x: T, *, out: T | None = None) -> T:
    """The whole number next to x toward 0; integers stay.

    Source: https://pytorch.org/docs/stable/generated/torch.trunc.html

    >>> import knoll
    >>> knoll.trunc(knoll.tensor([-1.7, 1.7]))
    tensor([-1.,  1.])
    """
    return apply(arithmetic.trunc, x)[0]


@public("frac")
def frac(x: T, *, out: T | None = None) -> T:
    """What is left of x behind the point, with its sign.

    Source: https://pytorch.org/docs/stable/generated/torch.frac.html

    >>> import knoll
    >>> knoll.frac(knoll.tensor([1.5, -2.25]))
    tensor([ 0.5000, -0.2500])
    """
    return subtract(x, trunc(x))


@public("fmod")
def fmod(x: T, other: Operand, *, out: T | None = None) -> T:
    """What is left of x after whole multiples of `other`; it has the sign of x.

    Source: https://pytorch.org/docs/stable/generated/torch.fmod.html

    >>> import knoll
    >>> knoll.fmod(knoll.tensor([-3.0, 3.0]), 2)
    tensor([-1.,  1.])
    """
    return operate(pairs.fmod, x, other)
