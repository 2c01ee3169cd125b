"""Exponentials, logarithms, roots, powers of floats and error functions, element by element; integers give float32.

Source: https://pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from __future__ import annotations

from typing import Any

from knoll.errors import StateError
from knoll.ops.accumulate import wide
from knoll.ops.dtypes import scalar_name
from knoll.ops.elementwise import arithmetic, functions
from knoll.ops.loss import likelihood
from knoll.tensor.arguments import Left, Operand, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import float32, float64, floating, result_type
from knoll.tensor.elementwise.arithmetic import add, cast, maximum, multiply, operate, power, subtract
from knoll.tensor.elementwise.choose import where
from knoll.tensor.elementwise.comparisons import greater, less
from knoll.tensor.elementwise.pointwise import absolute, in_floats, negative, reciprocal
from knoll.tensor.elementwise.predicates import isinf

__all__ = [
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expm1",
    "float_power",
    "ldexp",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "logit",
    "rsqrt",
    "sqrt",
    "xlogy",
]


@public("exp")
def exp(x: T, *, out: T | None = None) -> T:
    """The power of e to x; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.exp.html

    >>> import knoll
    >>> knoll.exp(knoll.tensor([0.0, 1.0]))
    tensor([1.0000, 2.7183])
    """
    return in_floats(arithmetic.exp, x)


@public("exp2")
def exp2(x: T, *, out: T | None = None) -> T:
    """The power of 2 to x.

    Source: https://pytorch.org/docs/stable/generated/torch.exp2.html

    >>> import knoll
    >>> knoll.exp2(knoll.tensor([0.0, 3.0]))
    tensor([1., 8.])
    """
    return in_floats(functions.exp2, x)


@public("expm1")
def expm1(x: T, *, out: T | None = None) -> T:
    """exp(x) − 1, exact for small x.

    Source: https://pytorch.org/docs/stable/generated/torch.expm1.html

    >>> import knoll
    >>> knoll.expm1(knoll.tensor([0.0, 1e-10]))
    tensor([0.0000e+00, 1.0000e-10])
    """
    return in_floats(functions.expm1, x)


@public("log")
def log(x: T, *, out: T | None = None) -> T:
    """The natural logarithm; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.log.html

    >>> import knoll
    >>> knoll.log(knoll.tensor([1.0, 0.0]))
    tensor([0., -inf])
    """
    return in_floats(arithmetic.log, x)


@public("log2")
def log2(x: T, *, out: T | None = None) -> T:
    """The logarithm to the base 2.

    Source: https://pytorch.org/docs/stable/generated/torch.log2.html

    >>> import knoll
    >>> knoll.log2(knoll.tensor([1.0, 8.0]))
    tensor([0., 3.])
    """
    return in_floats(functions.log2, x)


@public("log10")
def log10(x: T, *, out: T | None = None) -> T:
    """The logarithm to the base 10.

    Source: https://pytorch.org/docs/stable/generated/torch.log10.html

    >>> import knoll
    >>> knoll.log10(knoll.tensor([1.0, 100.0]))
    tensor([0.0000, 2.0000])
    """
    return in_floats(functions.log10, x)


@public("log1p")
def log1p(x: T, *, out: T | None = None) -> T:
    """The natural logarithm of 1 + x, exact for small x.

    >>> import knoll
    >>> knoll.log1p(knoll.tensor([0.0, 1e-10]))
    tensor([0.0000e+00, 1.0000e-10])
    """
    return in_floats(functions.log1p, x)


@public("logit")
def logit(x: T, eps: float | None = None, *, out: T | None = None) -> T:
    """The logarithm of x / (1 − x), of x brought between `eps` and 1 − `eps` if that is given.

    Source: https://pytorch.org/docs/stable/generated/torch.logit.html

    >>> import knoll
    >>> knoll.logit(knoll.tensor([0.5, 1.0]), eps=0.25)
    tensor([0.0000, 1.0986])
    """
    if eps is not None:
        x = where(less(x, eps), eps, where(greater(x, 1 - eps), 1 - eps, x))
    return in_floats(functions.logit, x)


@public("xlogy")
def xlogy(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """x · log(`other`), and 0 where x is 0 and `other` not NaN.

    Source: https://pytorch.org/docs/stable/generated/torch.xlogy.html

    >>> import knoll
    >>> knoll.xlogy(knoll.tensor([0.0, 2.0]), knoll.tensor([0.0, 1.0]))
    tensor([0., 0.])
    """
    return operate(likelihood.xlogy, x, other, float32)


@public("logaddexp")
def logaddexp(x: T, other: T, *, out: T | None = None) -> T:
    """log(exp(x) + exp(other)), without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.logaddexp.html

    >>> import knoll
    >>> knoll.logaddexp(knoll.tensor([1000.0]), knoll.tensor([1000.0]))
    tensor([1000.6932])
    """
    x, other = _in_floats_of_one_type(x, other)
    larger: T = maximum(x, other)
    apart = negative(absolute(subtract(x, other)))
    return where(isinf(larger), larger, add(larger, log1p(exp(apart))))


def _in_floats_of_one_type(x: T, other: T) -> tuple[T, T]:
    """Both in the element type that they make together, float32 of integers and truths."""
    dtype = result_type(x, other)
    dtype = dtype if dtype.kind == "f" else float32
    return cast(x, dtype), cast(other, dtype)


@public("logaddexp2")
def logaddexp2(x: T, other: T, *, out: T | None = None) -> T:
    """log₂(2^x + 2^other), without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.logaddexp2.html

    >>> import knoll
    >>> knoll.logaddexp2(knoll.tensor([3.0]), knoll.tensor([3.0]))
    tensor([4.])
    """
    x, other = _in_floats_of_one_type(x, other)
    larger: T = maximum(x, other)
    apart = negative(absolute(subtract(x, other)))
    return where(isinf(larger), larger, add(larger, log2(add(exp2(apart), 1.0))))


@public("sqrt")
def sqrt(x: T, *, out: T | None = None) -> T:
    """The square root; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.sqrt.html

    >>> import knoll
    >>> knoll.sqrt(knoll.tensor([4.0, 2.0]))
    tensor([2.0000, 1.4142])
    """
    return in_floats(arithmetic.sqrt, x)


@public("rsqrt")
def rsqrt(x: T, *, out: T | None = None) -> T:
    """1 / √x.

    Source: https://pytorch.org/docs/stable/generated/torch.rsqrt.html

    >>> import knoll
    >>> knoll.rsqrt(knoll.tensor([4.0, 16.0]))
    tensor([0.5000, 0.2500])
    """
    return reciprocal(sqrt(x))


@public("ldexp")
def ldexp(x: T, other: T, *, out: T | None = None) -> T:
    """x · 2^other.

    Source: https://pytorch.org/docs/stable/generated/torch.ldexp.html

    >>> import knoll
    >>> knoll.ldexp(knoll.tensor([3.0]), knoll.tensor([2]))
    tensor([12.])
    """
    if other._dtype.kind == "f":
        return multiply(x, exp2(other))
    dtype = floating(x)
    return cast(multiply(x, exp2(cast(other, wide(dtype)))), dtype)


@public("float_power")
def float_power(x: T, exponent: Operand, *, out: T | None = None) -> T:
    """The power of x to `exponent`, computed in float64.

    Source: https://pytorch.org/docs/stable/generated/torch.float_power.html

    >>> import knoll
    >>> knoll.float_power(knoll.tensor([2, 3]), 2)
    tensor([4., 9.], dtype=float64)
    """
    raised: Any = cast(exponent, float64) if isinstance(exponent, TensorBase) else float(exponent)
    return power(cast(x, float64), raised)


@public("float_power_")
def power_of_double(x: T, exponent: Operand) -> T:
    """As `float_power`, of what already is float64: in place the element type stays. Raises StateError."""
    if x._dtype != float64:
        raise StateError(
            f"the base given to float_power_ has dtype {scalar_name(x._dtype)} but the operation's result requires "
            "dtype Double"
        )
    return float_power(x, exponent)


@public("erf")
def erf(x: T, *, out: T | None = None) -> T:
    """The error function, 2/√π times the integral of exp(−t²) from 0 to x.

    Source: https://pytorch.org/docs/stable/generated/torch.erf.html

    >>> import knoll
    >>> knoll.erf(knoll.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8427])
    """
    return in_floats(functions.erf, x)


@public("erfc")
def erfc(x: T, *, out: T | None = None) -> T:
    """1 − erf(x), with all digits where the difference is small.

    Source: https://pytorch.org/docs/stable/generated/torch.erfc.html

    >>> import knoll
    >>> knoll.erfc(knoll.tensor([0.0, 6.0]))
    tensor([1.0000e+00, 2.1520e-17])
    """
    return in_floats(functions.erfc, x)


@public("erfinv")
def erfinv(x: T, *, out: T | None = None) -> T:
    """The number whose error function is x; ±∞ at ±1, NaN beyond.

    >>> import knoll
    >>> knoll.erfinv(knoll.tensor([0.0, 0.5, -1.0]))
    tensor([0.0000, 0.4769,   -inf])
    """
    return in_floats(functions.erfinv, x)
