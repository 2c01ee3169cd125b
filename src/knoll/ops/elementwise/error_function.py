"""The error function erf(x) = 2/√π · ∫₀ˣ exp(−t²) dt and its complement erfc = 1 − erf, in plain NumPy and in formulas.

Near zero formulas take the Taylor series of erf; elsewhere erfc(z) = 2 Φ(−√2 z), by `scaled_tail` of `normal.py`.
Source: https://dlmf.nist.gov/7.2, 7.6
"""

from __future__ import annotations

import math

import numpy as np

from knoll.graph import Array
from knoll.ops.elementwise.normal import FAR, scaled_tail
from knoll.ops.formula import Arithmetic, V, polynomial

_erf = np.vectorize(math.erf, otypes=[np.float64])
_erfc = np.vectorize(math.erfc, otypes=[np.float64])

NEAR = 0.75  # up to where the series is taken
TERMS = {4: 9, 8: 16}  # of the series, by the size of an element: the next is below half a unit in the last place


def erf_meaning(x: Array) -> Array:
    """The error function of each element."""
    return (_erf(x) if x.size else x).astype(x.dtype)


def erfc_meaning(x: Array) -> Array:
    """Its complement."""
    return (_erfc(x) if x.size else x).astype(x.dtype)


def erf_formula(v: Arithmetic[V], x: V) -> V:
    """The error function."""
    z = v.absolute(x)
    far = v.copysign(v.constant(1.0) - _tail(v, z), x)
    return z.compare("olt", v.constant(NEAR)).select(_series(v, x), far)


def erfc_formula(v: Arithmetic[V], x: V) -> V:
    """Its complement, with all digits where it is small."""
    z, one = v.absolute(x), v.constant(1.0)
    tail = _tail(v, z)
    far = x.compare("olt", v.zero()).select(one - tail + one, tail)
    return z.compare("olt", v.constant(NEAR)).select(one - _series(v, x), far)


def _series(v: Arithmetic[V], x: V) -> V:
    """2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)) for small x: x itself, which is not rounded, and what it differs by."""
    scale = 2 / math.sqrt(math.pi)
    first, *rest = (scale * (-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(TERMS[v.bytes]))
    return v.multiply_add(polynomial(v, [first - 1, *rest], x * x), x, x)


def _tail(v: Arithmetic[V], z: V) -> V:
    """erfc(z) for z ≥ 0: exp(−z²) · 2 R(√2 z), the square with its rounding error."""
    furthest = FAR[v.bytes] / math.sqrt(2)
    z = v.clamp(z, 0.0, furthest)
    power = v.exponential(*v.two_product(z, z), factor=-1.0, bounds=(-(furthest**2), 0.0))
    return power.times(scaled_tail(v, z * v.constant(math.sqrt(2))) * v.constant(2.0))
