"""Self-gated activations, x times a gate between 0 and 1: SiLU, Mish, GELU and its approximation by tanh.

All satisfy f(x) − f(−x) = x, so f(x) = max(0, x) − tail(|x|). With t = |x| and e = exp(−t), all terms of a tail are
positive, and nothing overflows. Formulas are accurate to four units in the last place. Beyond ±1000 an activation
equals its limit.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from knoll.graph import Array
from knoll.graph.node import Op
from knoll.ops.activation import relu_sigmoid_tanh
from knoll.ops.activation.activation import FEW, Elementwise, activation
from knoll.ops.elementwise import normal
from knoll.ops.formula import NEGATIVE, Arithmetic, Exponential, V, split

FAR = 1000.0
GELU_CUBE = 0.044715
GELU_SLOPE = Fraction("1.59576912160573071175978423973752747390343452465")  # √(8/π)


def _sigmoid(x: Array) -> Array:
    return relu_sigmoid_tanh.sigmoid.meaning(x)[0]


def _not_far_below(x: Array) -> Array:
    """Before x meets a factor that vanishes, so that −∞ · 0 does not come about."""
    return np.maximum(x, -FAR)


def _not_far(x: Array) -> Array:
    return np.clip(x, -FAR, FAR)


def _distance(v: Arithmetic[V], x: V, far: float = FAR) -> V:
    """t: how far x is from zero, or far enough."""
    return v.clamp(v.distance(x), -math.inf, far)


def _vanishing(v: Arithmetic[V], t: V) -> Exponential[V]:
    """exp(−t)."""
    return v.exponential(t, factor=-1.0, bounds=(-FAR, 0.0))


def _less_tail(v: Arithmetic[V], x: V, tail: V) -> V:
    return x.compare("olt", v.zero()).select(v.zero(), x) - tail


def _slope(v: Arithmetic[V], dy: V, x: V, tail: V) -> V:
    return dy * x.compare("olt", v.zero()).select(tail, v.constant(1.0) - tail)


# SiLU


def _silu_dx(dy: Array, x: Array) -> Array:
    x = _not_far(x)
    return np.asarray(dy * (_sigmoid(x) * (1 + x * _sigmoid(-x))))


def _silu_formula(v: Arithmetic[V], x: V) -> V:
    t = _distance(v, x)
    e = _vanishing(v, t)
    return _less_tail(v, x, e.times(t) / (e.number + v.constant(1.0)))


def _silu_dx_formula(v: Arithmetic[V], dy: V, x: V) -> V:
    one, t = v.constant(1.0), _distance(v, x)
    e = _vanishing(v, t)
    r = one / (e.number + one)
    return _slope(v, dy, x, e.times(r * (one - t * r)))


# Mish


def _mish(x: Array) -> Array:
    return _not_far_below(x) * np.tanh(np.logaddexp(0, x))


def _mish_dx(dy: Array, x: Array) -> Array:
    x = _not_far(x)
    share = np.tanh(np.logaddexp(0, x))
    return np.asarray(dy * (share + x * _sigmoid(x) * (1 - share * share)))


def _mish_formula(v: Arithmetic[V], x: V) -> V:
    """tanh(log(1 + e)) = e (e + 2) / (e² + 2e + 2); for x > 0 what is missing to 1 is 2e² / (1 + 2e + 2e²)."""
    t, below = _distance(v, x), x.compare("olt", v.zero())
    e = _vanishing(v, t)
    divisor = _mish_divisor(v, e.number, below)
    two = v.constant(2.0)
    return _less_tail(v, x, e.times(t) * below.select(e.number + two, e.number * two) / divisor)


def _mish_dx_formula(v: Arithmetic[V], dy: V, x: V) -> V:
    t, below = _distance(v, x), x.compare("olt", v.zero())
    exponential, two = _vanishing(v, t), v.constant(2.0)
    e = exponential.number
    divisor = _mish_divisor(v, e, below)
    inner = below.select(e + two, two) * divisor - v.constant(4.0) * t * (e + v.constant(1.0))
    inner = below.select(inner, inner * e)
    return _slope(v, dy, x, exponential.times(inner / (divisor * divisor)))


def _mish_divisor(v: Arithmetic[V], e: V, below: V) -> V:
    one, two = v.constant(1.0), v.constant(2.0)
    return v.multiply_add(e, below.select(e, e + e) + two, below.select(two, one))


# GELU, and its approximation by tanh


def _gelu_dx(dy: Array, x: Array) -> Array:
    x = _not_far(x)
    return np.asarray(dy * (normal.share_below(x) + x * normal.density(x)))


def _gelu_formula(v: Arithmetic[V], x: V) -> V:
    t = _distance(v, x, normal.FAR[v.bytes])
    return _less_tail(v, x, normal.bell(v, t).times(t * normal.scaled_tail(v, t)))


def _gelu_dx_formula(v: Arithmetic[V], dy: V, x: V) -> V:
    t = _distance(v, x, normal.FAR[v.bytes])
    inner = v.multiply_add(t, v.constant(-1 / math.sqrt(2 * math.pi)), normal.scaled_tail(v, t))
    return _slope(v, dy, x, normal.bell(v, t).times(inner))


def _gelu_tanh(x: Array) -> Array:
    """½ · (1 + tanh(u / 2)) is the sigmoid of u."""
    return _not_far_below(x) * _sigmoid(math.sqrt(8 / math.pi) * (x + GELU_CUBE * x**3))


def _gelu_tanh_dx(dy: Array, x: Array) -> Array:
    x = _not_far(x)
    u = math.sqrt(8 / math.pi) * (x + GELU_CUBE * x**3)
    du = math.sqrt(8 / math.pi) * (1 + 3 * GELU_CUBE * x * x)
    return np.asarray(dy * (_sigmoid(u) * (1 + x * du * _sigmoid(-u))))


def _gelu_tanh_formula(v: Arithmetic[V], x: V) -> V:
    t = _distance(v, x)
    u, error = _gelu_exponent(v, t)
    e = v.exponential(-u, -error, bounds=NEGATIVE)
    return _less_tail(v, x, e.times(t) / (e.number + v.constant(1.0)))


def _gelu_tanh_dx_formula(v: Arithmetic[V], dy: V, x: V) -> V:
    one, t = v.constant(1.0), _distance(v, x)
    u, error = _gelu_exponent(v, t)
    e = v.exponential(-u, -error, bounds=NEGATIVE)
    r = one / (e.number + one)
    slope = float(GELU_SLOPE)
    du = v.multiply_add(t * t, v.constant(slope * 3 * GELU_CUBE), v.constant(slope))
    return _slope(v, dy, x, e.times(r * (one - t * du * r)))


def _gelu_exponent(v: Arithmetic[V], t: V) -> tuple[V, V]:
    """√(8/π) · (t + 0.044715 t³) and its rounding error: the last digit decides over many digits of the power."""
    (a, a_error), (b, b_error) = split(v, GELU_SLOPE), split(v, GELU_SLOPE * Fraction(str(GELU_CUBE)))
    square, square_error = v.two_product(t, t)
    cubic, cubic_error = v.two_product(square, b)
    cubic_error = cubic_error + square_error * b + square * b_error
    total = a + cubic
    joined = total - a
    error = (a - (total - joined)) + (cubic - joined) + (a_error + cubic_error)
    high, low = v.two_product(t, total)
    return high, low + t * error


silu: Op = activation(
    "silu",
    Elementwise(lambda x: _not_far_below(x) * _sigmoid(x), _silu_formula),
    Elementwise(_silu_dx, _silu_dx_formula),
    refusal="silu_cpu",
)
mish: Op = activation(
    "mish", Elementwise(_mish, _mish_formula), Elementwise(_mish_dx, _mish_dx_formula), refusal="mish_cpu"
)
gelu: Op = activation(
    "gelu",
    Elementwise(lambda x: _not_far_below(x) * normal.share_below(x), _gelu_formula),
    Elementwise(_gelu_dx, _gelu_dx_formula),
    refusal="GeluKernelImpl",
    compiled_from=FEW,
)
gelu_tanh: Op = activation(
    "gelu_tanh",
    Elementwise(_gelu_tanh, _gelu_tanh_formula),
    Elementwise(_gelu_tanh_dx, _gelu_tanh_dx_formula),
    refusal="GeluKernelImpl",
)
