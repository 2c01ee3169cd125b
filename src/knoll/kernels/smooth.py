"""Activations that bend in vectors: the twins of `ops/smooth.py`, within four units in the last place.

Those that let a share of x through have f(x) − f(−x) = x. So each is max(0, x) less a tail that is small on both sides,
and its slope is that of the tail, or one less it. With t = |x| and E a power of e with a negative exponent, everything
in a tail is positive, and nothing overflows.
"""
# ruff: noqa: ARG005 (every formula is given the kernel and all numbers of the activation)

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from knoll.kernels.mathematics import clamped, exp, expm1, log1p, magnitude, power, product, tanh
from knoll.kernels.normal import bell, scaled_share
from knoll.llvm.builder import Kernel, Number
from knoll.ops.smooth import FAR, GELU_CUBE, SELU_ALPHA, SELU_SCALE

GELU_SLOPE = Fraction("1.59576912160573071175978423973752747390343452465")  # √(8/π)


def _distance(k: Kernel, x: Number) -> Number:
    """t: how far x is from zero, or far enough."""
    return clamped(k, magnitude(k, x), 0.0, FAR)


def _negative(k: Kernel, x: Number) -> Number:
    return k.constant(-1.0) * x


def _less_tail(k: Kernel, x: Number, tail: Number) -> Number:
    return x.compare("olt", k.zero()).select(k.zero(), x) - tail


def _slope(k: Kernel, dy: Number, x: Number, tail: Number) -> Number:
    return dy * x.compare("olt", k.zero()).select(tail, k.constant(1.0) - tail)


def _silu(k: Kernel, x: Number) -> Number:
    t = _distance(k, x)
    e = power(k, _negative(k, t))
    return _less_tail(k, x, e.times(t) / (e.number + k.constant(1.0)))


def _silu_dx(k: Kernel, dy: Number, x: Number) -> Number:
    one, t = k.constant(1.0), _distance(k, x)
    e = power(k, _negative(k, t))
    r = one / (e.number + one)
    return _slope(k, dy, x, e.times(r * (one - t * r)))


def _mish(k: Kernel, x: Number) -> Number:
    """tanh(log(1 + E)) = E (E + 2) / (E² + 2E + 2); for x > 0 what is missing to 1 is 2E² / (1 + 2E + 2E²)."""
    t, below = _distance(k, x), x.compare("olt", k.zero())
    e = power(k, _negative(k, t))
    divisor = _mish_divisor(k, e.number, below)
    two = k.constant(2.0)
    return _less_tail(k, x, e.times(t) * below.select(e.number + two, e.number * two) / divisor)


def _mish_dx(k: Kernel, dy: Number, x: Number) -> Number:
    t, below = _distance(k, x), x.compare("olt", k.zero())
    power_of_e, two = power(k, _negative(k, t)), k.constant(2.0)
    e = power_of_e.number
    divisor = _mish_divisor(k, e, below)
    inner = below.select(e + two, two) * divisor - k.constant(4.0) * t * (e + k.constant(1.0))
    inner = below.select(inner, inner * e)
    return _slope(k, dy, x, power_of_e.times(inner / (divisor * divisor)))


def _mish_divisor(k: Kernel, e: Number, below: Number) -> Number:
    one, two = k.constant(1.0), k.constant(2.0)
    return k.multiply_add(e, below.select(e, e + e) + two, below.select(two, one))


def _gelu(k: Kernel, x: Number) -> Number:
    t = _distance(k, x)
    return _less_tail(k, x, bell(k, t).times(t * scaled_share(k, t)))


def _gelu_dx(k: Kernel, dy: Number, x: Number) -> Number:
    t = _distance(k, x)
    inner = k.multiply_add(t, k.constant(-1 / math.sqrt(2 * math.pi)), scaled_share(k, t))
    return _slope(k, dy, x, bell(k, t).times(inner))


def _gelu_tanh(k: Kernel, x: Number) -> Number:
    t = _distance(k, x)
    high, low = _gelu_exponent(k, t)
    e = power(k, _negative(k, high), _negative(k, low))
    return _less_tail(k, x, e.times(t) / (e.number + k.constant(1.0)))


def _gelu_tanh_dx(k: Kernel, dy: Number, x: Number) -> Number:
    one, t = k.constant(1.0), _distance(k, x)
    high, low = _gelu_exponent(k, t)
    e = power(k, _negative(k, high), _negative(k, low))
    r = one / (e.number + one)
    du = k.multiply_add(t * t, k.constant(float(GELU_SLOPE) * 3 * GELU_CUBE), k.constant(float(GELU_SLOPE)))
    return _slope(k, dy, x, e.times(r * (one - t * du * r)))


def _gelu_exponent(k: Kernel, t: Number) -> tuple[Number, Number]:
    """√(8/π) · (t + 0.044715 t³) in two pieces, as its last digit decides over many digits of the power."""
    (a, a_rest), (b, b_rest) = _pieces(k, GELU_SLOPE), _pieces(k, GELU_SLOPE * Fraction(str(GELU_CUBE)))
    square, square_rest = product(k, t, t)
    cubic, cubic_rest = product(k, square, b)
    cubic_rest = cubic_rest + square_rest * b + square * b_rest
    total = a + cubic
    joined = total - a
    rest = (a - (total - joined)) + (cubic - joined) + (a_rest + cubic_rest)
    high, low = product(k, t, total)
    return high, low + t * rest


def _pieces(k: Kernel, number: Fraction) -> tuple[Number, Number]:
    """A constant as the elements are stored, and what that leaves out."""
    first = float(k.dtype.type(number))
    return k.constant(first), k.constant(float(number - Fraction(first)))


def _elu(k: Kernel, x: Number, alpha: float, scale: float = 1.0) -> Number:
    below = k.constant(alpha * scale) * expm1(k, clamped(k, x, -FAR, 0.0))
    return x.compare("ogt", k.zero()).select(x if scale == 1 else x * k.constant(scale), below)


def _elu_dx(k: Kernel, dy: Number, y: Number, alpha: float, scale: float = 1.0) -> Number:
    above = dy if scale == 1 else dy * k.constant(scale)
    return y.compare("ogt", k.zero()).select(above, dy * (y + k.constant(alpha * scale)))


def _elu_dx_from_input(k: Kernel, dy: Number, x: Number, alpha: float) -> Number:
    return x.compare("ogt", k.zero()).select(dy, dy * (k.constant(alpha) * exp(k, x)))


def _celu(k: Kernel, x: Number, alpha: float) -> Number:
    z = x * k.constant(1 / alpha)
    below = expm1(k, z)
    if alpha < 0:
        below = z.compare("ogt", k.constant(40.0)).select(exp(k, z), below)
    return x.compare("ogt", k.zero()).select(x, k.constant(alpha) * below)


def _celu_dx(k: Kernel, dy: Number, y: Number, alpha: float) -> Number:
    return y.compare("ogt", k.zero()).select(dy, dy * ((y + k.constant(alpha)) * k.constant(1 / alpha)))


def _celu_dx_from_input(k: Kernel, dy: Number, x: Number, alpha: float) -> Number:
    return x.compare("ogt", k.zero()).select(dy, dy * exp(k, x * k.constant(1 / alpha)))


def _log_sigmoid(k: Kernel, x: Number) -> Number:
    below = x.compare("ogt", k.zero()).select(k.zero(), x)
    return below - log1p(k, exp(k, _negative(k, magnitude(k, x))))


def _softplus(k: Kernel, x: Number, beta: float, threshold: float) -> Number:
    z, e = _steepened(k, x, beta)
    bend = log1p(k, e) + z.compare("olt", k.zero()).select(k.zero(), z)
    return z.compare("ogt", k.constant(threshold)).select(x, bend / k.constant(beta))


def _softplus_dx_from_input(k: Kernel, dy: Number, x: Number, beta: float, threshold: float) -> Number:
    z, e = _steepened(k, x, beta)
    one = k.constant(1.0)
    share = z.compare("olt", k.zero()).select(e, one) / (e + one)
    return z.compare("ogt", k.constant(threshold)).select(dy, dy * share)


def _steepened(k: Kernel, x: Number, beta: float) -> tuple[Number, Number]:
    """z = beta · x, and exp(−|z|) of the z that is not rounded."""
    z, rest = product(k, x, k.constant(beta))
    rest = z.compare("ogt", k.zero()).select(_negative(k, rest), rest)
    return z, power(k, _negative(k, magnitude(k, z)), rest).number


def _softsign(k: Kernel, x: Number) -> Number:
    largest = 3.4028234663852886e38 if k.bytes == 4 else 1.7976931348623157e308
    x = clamped(k, x, -largest, largest)
    return x / (magnitude(k, x) + k.constant(1.0))


def _softsign_dx(k: Kernel, dy: Number, x: Number) -> Number:
    more = magnitude(k, x) + k.constant(1.0)
    return dy / (more * more)


def _tanhshrink(k: Kernel, x: Number) -> Number:
    """Lambert's fraction below 2, as a quotient of two polynomials; they have no negative coefficient."""
    z = x * x
    above, below = _lambert(6 if k.bytes == 4 else 11)
    near = x * z * _polynomial(k, above, z) / _polynomial(k, below, z)
    return magnitude(k, x).compare("olt", k.constant(2.0)).select(near, x - tanh(k, x))


def _tanhshrink_dx(k: Kernel, dy: Number, x: Number) -> Number:
    y = tanh(k, x)
    return dy * (y * y)


def _lambert(levels: int) -> tuple[list[float], list[float]]:
    """P and Q with x − tanh x ≈ x³ · P(x²) / Q(x²), coefficients from the constant up.

    z/(3 + z/(5 + …)) is z · N/D with N and D polynomials of z; so x − tanh x = x · zN / (D + zN).
    """
    above, below = [1.0], [2.0 * levels + 1]
    for odd in range(2 * levels - 1, 1, -2):
        above, below = below, _sum([odd * c for c in below], [0.0, *above])
    return above, _sum(below, [0.0, *above])


def _sum(a: list[float], b: list[float]) -> list[float]:
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return [c + (shorter[i] if i < len(shorter) else 0.0) for i, c in enumerate(longer)]


def _polynomial(k: Kernel, coefficients: list[float], z: Number) -> Number:
    result = k.constant(coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        result = k.multiply_add(result, z, k.constant(coefficient))
    return result


SMOOTH: dict[str, Callable[..., Number]] = {
    "silu": _silu,
    "silu_dx": _silu_dx,
    "mish": _mish,
    "mish_dx": _mish_dx,
    "gelu": _gelu,
    "gelu_dx": _gelu_dx,
    "gelu_tanh": _gelu_tanh,
    "gelu_tanh_dx": _gelu_tanh_dx,
    "elu": _elu,
    "elu_dx": _elu_dx,
    "elu_dx_from_input": _elu_dx_from_input,
    "celu": _celu,
    "celu_dx": _celu_dx,
    "celu_dx_from_input": _celu_dx_from_input,
    "selu": lambda k, x: _elu(k, x, SELU_ALPHA, SELU_SCALE),
    "selu_dx": lambda k, dy, y: _elu_dx(k, dy, y, SELU_ALPHA, SELU_SCALE),
    "log_sigmoid": _log_sigmoid,
    "log_sigmoid_dx": lambda k, dy, y: dy * _negative(k, expm1(k, y)),
    "softplus": _softplus,
    "softplus_dx": lambda k, dy, y, beta, threshold: dy * _negative(k, expm1(k, y * k.constant(-beta))),
    "softplus_dx_from_input": _softplus_dx_from_input,
    "softsign": _softsign,
    "softsign_dx": _softsign_dx,
    "tanhshrink": _tanhshrink,
    "tanhshrink_dx": _tanhshrink_dx,
}
