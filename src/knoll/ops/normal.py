"""The normal distribution with mean 0 and deviation 1, in plain NumPy."""

from __future__ import annotations

import math

import numpy as np

from knoll.graph import Array

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
