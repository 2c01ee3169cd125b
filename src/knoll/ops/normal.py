"""The normal distribution with mean 0 and deviation 1, in plain NumPy and in formulas.

Formulas use Φ(−t) = exp(−t²/2) · R(t), where R varies slowly: (t + a) · R(t) is approximated by a polynomial of
(t − a) / (t + a), from t = 0 to where Φ underflows, with coefficients from Chebyshev's expansion.
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


# a, and the coefficients from the constant up, for each size of an element: to 3e-9 for t < 14.5, to 4e-18 for t < 39
_FLOAT = (2.0, (
    0.6724079847335815, -0.331404447555542, 0.028798654675483704, 0.03671928867697716, -0.0004861277702730149,
    -0.0067381830886006355, -0.0018774800701066852, 0.0008553803781978786, 0.00069804658414796, 5.158552812645212e-05,
    -5.7477351219858974e-05,
))  # fmt: skip
_DOUBLE = (4.0, (
    0.7552851304157515, -0.6078966419718917, 0.38713740074221886, -0.18652185795969417, 0.06039657489069947,
    -0.007540188965593059, -0.0034796923622425332, 0.0016308184418903596, 0.00013334425401904912,
    -0.0002310948183193762, -1.9078665316613576e-06, 3.5144181157760973e-05, 7.150055959216099e-07,
    -5.918892731763236e-06, -6.25132104047868e-07, 1.0198048518135172e-06, 2.6368248576407624e-07,
    -1.5426320536771075e-07, -7.63808205349045e-08, 1.457859334703646e-08, 1.392402399350171e-08,
    7.26954547902669e-11, -9.653425420228504e-10,
))  # fmt: skip


def bell(v: Arithmetic[V], t: V) -> Exponential[V]:
    """exp(−t²/2); the square is taken with its rounding error, which decides over many digits of the power."""
    half = v.constant(-0.5)
    high, error = v.two_product(t, t)
    return v.exponential(high * half, error * half)


def scaled_tail(v: Arithmetic[V], t: V) -> V:
    """R(t) for t ≥ 0: the share of the distribution below −t, over exp(−t²/2)."""
    a, coefficients = _FLOAT if v.bytes == 4 else _DOUBLE
    q = v.constant(1.0) / (t + v.constant(a))
    u = v.multiply_add(t * q, v.constant(2.0), v.constant(-1.0))
    return polynomial(v, coefficients, u) * q
