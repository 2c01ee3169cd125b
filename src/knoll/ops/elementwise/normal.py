"""The normal distribution with mean 0 and standard deviation 1, in plain NumPy and in formulas.

Formulas use Φ(−t) = exp(−t²/2) · R(t), where R varies slowly from t = 0 to where Φ underflows, and is approximated: for
float32 by a ratio of two polynomials of t with coefficients above zero (minimax) that is ½ at t = 0, for float64, and
where products are rounded before they are added, by a polynomial of (t − a) / (t + a) over t + a, with coefficients
from Chebyshev's expansion.
Source: Shepherd and Laframboise, Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞, 1981.
"""

from __future__ import annotations

import math

import numpy as np

from knoll.graph import Array
from knoll.ops.formula import Arithmetic, Exponential, V, polynomial

_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def density(x: Array) -> Array:
    """exp(−x²/2) / √(2π)."""
    return np.asarray(np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


def share_below(x: Array) -> Array:
    """The share of the distribution below x: erfc(z) / 2 with z = −x/√2.

    Far below, the last digit of z decides over many digits of the result. So z is taken in two pieces, and the second
    goes along the tangent. Source: https://dlmf.nist.gov/7.2
    """
    exact = -x.astype(np.longdouble) / np.sqrt(np.longdouble(2))
    z = exact.astype(np.float64)
    rest = np.where(np.isfinite(z), exact - z, 0).astype(np.float64)
    return np.asarray((_erfc(z) if z.size else z) / 2 - rest * np.exp(-z * z) / math.sqrt(math.pi))


FAR = {4: 15.0, 8: 40.0}  # where Φ(−t) has underflown, by the size of an element

# P and S of R = P / (2P + t · S), to 1e-8 for t < 14.6, from the constant up; each is a number of float32
_FLOAT = ((
    122.1605224609375, 106.9610595703125, 44.67042922973633, 9.892789840698242, 1.0,
), (
    194.9400634765625, 204.06332397460938, 94.65623474121094, 22.79913902282715, 2.506598711013794,
))  # fmt: skip
# a, and the coefficients from the constant up: to 4e-18 for t < 39
_DOUBLE = (4.0, (
    0.7552851304157515, -0.6078966419718917, 0.38713740074221886, -0.18652185795969417, 0.06039657489069947,
    -0.007540188965593059, -0.0034796923622425332, 0.0016308184418903596, 0.00013334425401904912,
    -0.0002310948183193762, -1.9078665316613576e-06, 3.5144181157760973e-05, 7.150055959216099e-07,
    -5.918892731763236e-06, -6.25132104047868e-07, 1.0198048518135172e-06, 2.6368248576407624e-07,
    -1.5426320536771075e-07, -7.63808205349045e-08, 1.457859334703646e-08, 1.392402399350171e-08,
    7.26954547902669e-11, -9.653425420228504e-10,
))  # fmt: skip


def bell(v: Arithmetic[V], t: V) -> Exponential[V]:
    """exp(−t²/2) for t up to `FAR`; the square has its rounding error, which decides over many digits of the power."""
    return v.exponential(*v.two_product(t, t), factor=-0.5, bounds=(-(FAR[v.bytes] ** 2) / 2, 0.0))


def scaled_tail(v: Arithmetic[V], t: V) -> V:
    """R(t) for t ≥ 0: the share of the distribution below −t, over exp(−t²/2)."""
    if v.bytes == 4 and v.fused:
        over, rest = (_by_parity(v, coefficients, t) for coefficients in _FLOAT)
        return over / v.multiply_add(t, rest, over + over)
    a, coefficients = _DOUBLE
    q = v.constant(1.0) / (t + v.constant(a))
    u = v.multiply_add(t * q, v.constant(2.0), v.constant(-1.0))
    return polynomial(v, coefficients, u) * q


def _by_parity(v: Arithmetic[V], coefficients: tuple[float, ...], t: V) -> V:
    """A polynomial as even part and t times odd part, both of t²: fewer roundings in a row than by Horner's rule."""
    even, odd = (polynomial(v, coefficients[first::2], t * t) for first in (0, 1))
    return v.multiply_add(odd, t, even)
