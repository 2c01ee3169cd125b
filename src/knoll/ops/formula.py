"""The vector arithmetic in which formulas of elementwise operations are written.

An elementwise operation has two definitions side by side: its `meaning` in NumPy, the reference implementation, and its
`formula`, which kernels evaluate in registers. A formula uses only these protocols;
`kernels/elementwise/arithmetic.py` turns them into LLVM IR.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Protocol, Self, TypeVar


class Vector(Protocol):
    """Elements in a vector register, or the truth values of a comparison."""

    def __add__(self, other: Self, /) -> Self: ...

    def __sub__(self, other: Self, /) -> Self: ...

    def __mul__(self, other: Self, /) -> Self: ...

    def __truediv__(self, other: Self, /) -> Self: ...

    def __neg__(self) -> Self: ...

    def compare(self, condition: str, other: Self, /) -> Self:
        """Truth values; conditions are LLVM's, as `ogt`: greater, and false where one of both is NaN."""
        ...

    def select(self, yes: Self, no: Self, /) -> Self:
        """`yes` where this truth value holds, `no` elsewhere."""
        ...


V = TypeVar("V", bound=Vector)

# What a number surely lies between
ANY = (-math.inf, math.inf)
NEGATIVE = (-math.inf, 0.0)


class Exponential(Protocol[V]):
    """A power of e in two factors: a number near 1, and a power of two."""

    @property
    def number(self) -> V:
        """The power itself."""
        ...

    def times(self, factor: V, /) -> V:
        """The power times a factor; keeps its digits even where the power alone would underflow."""
        ...


class Arithmetic(Protocol[V]):
    """The functions that a formula is made of, for one element type."""

    @property
    def bytes(self) -> int:
        """The size of an element: 4 or 8."""
        ...

    @property
    def fused(self) -> bool:
        """Whether a multiply-add is rounded once."""
        ...

    def constant(self, value: float, /) -> V:
        """`value` in every lane, rounded to the element type."""
        ...

    def zero(self) -> V:
        """Zero in every lane."""
        ...

    def rounded(self, value: float, /) -> float:
        """A number as the element type holds it."""
        ...

    def multiply_add(self, a: V, b: V, c: V, /) -> V:
        """a · b + c, rounded once where the machine can."""
        ...

    def two_product(self, a: V, b: V, /) -> tuple[V, V]:
        """a · b rounded, and the rounding error."""
        ...

    def absolute(self, x: V, /) -> V:
        """|x|."""
        ...

    def distance(self, x: V, /) -> V:
        """|x|, whose slope at zero is that above it: for formulas that tell sides by x < 0."""
        ...

    def copysign(self, x: V, sign: V, /) -> V:
        """|x| with the sign of another."""
        ...

    def clamp(self, x: V, low: float, high: float, /) -> V:
        """x between two bounds, of which either may be infinite; NaN stays."""
        ...

    def sqrt(self, x: V, /) -> V:
        """The square root, correctly rounded."""
        ...

    def to_whole(self, x: V, way: str, /) -> V:
        """x as a whole number: the `floor`, the `ceil`, `trunc` toward zero, or `roundeven`, the nearest."""
        ...

    def exponential(
        self, x: V, error: V | None = None, /, factor: float = 1.0, bounds: tuple[float, float] = ANY
    ) -> Exponential[V]:
        """exp(factor · (x + error)), where `error` is no more than the rounding error of x.

        `factor` is plus or minus a power of two, and factor · x surely lies between the `bounds`.
        """
        ...

    def exp(self, x: V, /) -> V:
        """The exponential."""
        ...

    def expm1(self, x: V, /) -> V:
        """exp(x) − 1, exact near zero, for x up to 80."""
        ...

    def log(self, x: V, /) -> V:
        """The natural logarithm: −∞ at zero, NaN below."""
        ...

    def log1p(self, x: V, /) -> V:
        """log(1 + x) for x from 0 to 1, exact near zero."""
        ...

    def log1m(self, x: V, /) -> V:
        """log(1 − x) for x from 0 to 1, exact near zero."""
        ...

    def sigmoid(self, x: V, /) -> V:
        """1 / (1 + exp(−x))."""
        ...

    def tanh(self, x: V, /) -> V:
        """The hyperbolic tangent."""
        ...


def polynomial(v: Arithmetic[V], coefficients: tuple[float, ...] | list[float], x: V) -> V:
    """A polynomial by Horner's rule, coefficients from the constant up."""
    result = v.constant(coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        result = v.multiply_add(result, x, v.constant(coefficient))
    return result


def split(v: Arithmetic[V], number: Fraction) -> tuple[V, V]:
    """A constant as the elements are stored, and what that leaves out."""
    first = v.rounded(float(number))
    return v.constant(first), v.constant(float(number - Fraction(first)))


def at_least(x: V, low: V) -> V:
    """The larger of x and `low`; NaN stays."""
    return x.compare("olt", low).select(low, x)
