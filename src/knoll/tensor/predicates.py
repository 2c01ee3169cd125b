"""What holds for an element: no number, infinite, finite, negative, near another, one of others.

Source: https://pytorch.org/docs/stable/torch.html#comparison-ops
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.ops import elementwise
from knoll.tensor.arguments import public
from knoll.tensor.arithmetic import add, multiply, subtract
from knoll.tensor.base import T, TensorBase
from knoll.tensor.comparisons import equal, less_equal
from knoll.tensor.logic import logical_and, logical_or
from knoll.tensor.pointwise import absolute
from knoll.tensor.record import apply

__all__ = ["is_nonzero", "isclose", "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "signbit"]


@public("isnan")
def isnan(x: T) -> T:
    """Where x is no number."""
    return apply(elementwise.is_nan, x)[0]


@public("isinf")
def isinf(x: T) -> T:
    """Where x is infinite."""
    return apply(elementwise.is_infinite, x)[0]


@public("isfinite")
def isfinite(x: T) -> T:
    """Where x is neither infinite nor no number."""
    return apply(elementwise.is_finite, x)[0]


@public("isposinf")
def isposinf(x: T, *, out: T | None = None) -> T:
    """Whether each element is +∞."""
    return equal(x, math.inf)


@public("isneginf")
def isneginf(x: T, *, out: T | None = None) -> T:
    """Whether each element is −∞."""
    return equal(x, -math.inf)


@public("signbit")
def signbit(x: T, *, out: T | None = None) -> T:
    """Whether the sign is minus, that of −0 too."""
    return type(x)._over(np.signbit(x._realize()) if x._dtype.kind == "f" else x._realize() < 0)


@public("isclose")
def isclose(x: T, other: T, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> T:
    """Where |x − other| ≤ atol + rtol · |other|."""
    near = less_equal(absolute(subtract(x, other)), add(multiply(absolute(other), rtol), atol))
    close = logical_or(equal(x, other), logical_and(near, isfinite(other)))
    return logical_or(close, logical_and(isnan(x), isnan(other))) if equal_nan else close


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
    """Whether the only element is not zero. Raises StateError for several elements."""
    return bool(x)
