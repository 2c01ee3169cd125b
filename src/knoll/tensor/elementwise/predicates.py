"""What holds for an element: no number, infinite, finite, negative, near another, one of others.

Source: https://pytorch.org/docs/stable/torch.html#comparison-ops
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.errors import DTypeError, StateError
from knoll.ops.dtypes import scalar_name
from knoll.ops.elementwise import comparisons, pairs
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import float32
from knoll.tensor.elementwise.arithmetic import add, cast, multiply, subtract
from knoll.tensor.elementwise.comparisons import equal, less, less_equal
from knoll.tensor.elementwise.logic import logical_and, logical_or
from knoll.tensor.elementwise.pointwise import absolute
from knoll.tensor.record import apply

__all__ = ["is_nonzero", "isclose", "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "signbit"]


@public("isnan")
def isnan(x: T) -> T:
    """Where x is no number.

    Source: https://pytorch.org/docs/stable/generated/torch.isnan.html

    >>> import knoll
    >>> knoll.isnan(knoll.tensor([1.0, float("inf"), float("nan")]))
    tensor([False, False,  True])
    """
    return apply(comparisons.is_nan, x)[0]


@public("isinf")
def isinf(x: T) -> T:
    """Where x is infinite.

    Source: https://pytorch.org/docs/stable/generated/torch.isinf.html

    >>> import knoll
    >>> knoll.isinf(knoll.tensor([1.0, float("-inf"), float("nan")]))
    tensor([False,  True, False])
    """
    return apply(comparisons.is_infinite, x)[0]


@public("isfinite")
def isfinite(x: T) -> T:
    """Where x is neither infinite nor no number.

    Source: https://pytorch.org/docs/stable/generated/torch.isfinite.html

    >>> import knoll
    >>> knoll.isfinite(knoll.tensor([1.0, float("inf"), float("nan")]))
    tensor([ True, False, False])
    """
    return apply(comparisons.is_finite, x)[0]


@public("isposinf")
def isposinf(x: T, *, out: T | None = None) -> T:
    """Whether each element is +∞.

    Source: https://pytorch.org/docs/stable/generated/torch.isposinf.html

    >>> import knoll
    >>> knoll.isposinf(knoll.tensor([float("-inf"), float("inf")]))
    tensor([False,  True])
    """
    return equal(x, math.inf)


@public("isneginf")
def isneginf(x: T, *, out: T | None = None) -> T:
    """Whether each element is −∞.

    Source: https://pytorch.org/docs/stable/generated/torch.isneginf.html

    >>> import knoll
    >>> knoll.isneginf(knoll.tensor([float("-inf"), float("inf")]))
    tensor([ True, False])
    """
    return equal(x, -math.inf)


@public("signbit")
def signbit(x: T, *, out: T | None = None) -> T:
    """Whether the sign is minus, that of −0 too.

    Source: https://pytorch.org/docs/stable/generated/torch.signbit.html

    >>> import knoll
    >>> knoll.signbit(knoll.tensor([-0.0, 0.0, -3.0]))
    tensor([ True, False,  True])
    """
    if x._dtype.kind != "f":
        return less(x, 0)
    one: T = type(x)._over(np.ones((), x._dtype))
    return less(apply(pairs.copysign, one, x)[0], 0)


@public("isclose")
def isclose(x: T, other: T, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> T:
    """Where |x − other| ≤ atol + rtol · |other|, or both are equal; with `equal_nan` also where neither is a number.

    Raises DTypeError for tensors of two element types, StateError for negative tolerances.
    Source: https://pytorch.org/docs/stable/generated/torch.isclose.html

    >>> import knoll
    >>> knoll.isclose(knoll.tensor([1.0, 2.0]), knoll.tensor([1.000001, 2.1]))
    tensor([ True, False])
    """
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not value >= 0:
            raise StateError(f"{name} must be greater than or equal to zero, but got {value}")
    if x._dtype != other._dtype:
        raise DTypeError(f"{scalar_name(x._dtype)} did not match {scalar_name(other._dtype)}")
    close = equal(x, other)
    if equal_nan and x._dtype.kind == "f":
        close = logical_or(close, logical_and(isnan(x), isnan(other)))
    if rtol == 0 and atol == 0:
        return close
    a, b = (
        operand if operand._dtype.kind == "f" else cast(operand, float32) for operand in (x, other)
    )  # as in PyTorch
    error = absolute(subtract(a, b))
    near = less_equal(error, add(absolute(multiply(b, rtol)), atol))
    return logical_or(close, logical_and(near, isfinite(error)))


@public("isin")
def isin(elements: T, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> T:
    """Whether each element is one of `test_elements`.

    >>> import knoll
    >>> knoll.isin(knoll.tensor([1, 2, 3]), knoll.tensor([2, 3]))
    tensor([False,  True,  True])
    """
    others = test_elements._realize() if isinstance(test_elements, TensorBase) else test_elements
    return type(elements)._over(np.isin(elements._realize(), others, assume_unique, invert))


@public("is_nonzero")
def is_nonzero(x: Any) -> bool:
    """Whether the only element is not zero. Raises StateError for several elements.

    Source: https://pytorch.org/docs/stable/generated/torch.is_nonzero.html

    >>> import knoll
    >>> knoll.is_nonzero(knoll.tensor([0.0])), knoll.is_nonzero(knoll.tensor(2))
    (False, True)
    """
    return bool(x)
