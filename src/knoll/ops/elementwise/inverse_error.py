"""The number whose error function is x, by ratios of two polynomials.

Source: Wichura, Algorithm AS 241: the percentage points of the normal distribution, 1988
"""

from __future__ import annotations

import math

import numpy as np

from knoll.graph import Array

# Coefficients from the highest power down, of numerator and denominator: in the middle, and in the near and far tail.
_MIDDLE = ((
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080,
), (
    5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0,
))  # fmt: skip
_NEAR = ((
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258,
    3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734,
), (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1.0,
))  # fmt: skip
_FAR = ((
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
    2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720,
), (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
    1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0,
))  # fmt: skip


def inverse_error(x: Array) -> Array:
    """y with erf(y) = x; ±∞ at ±1, NaN beyond.

    >>> import math
    >>> inverse_error(np.array([math.erf(0.3), -math.erf(2.5)]))
    array([ 0.3, -2.5])
    """
    wide = x.astype(np.float64)
    tail = np.sqrt(-np.log((1 - np.abs(wide)) / 2))
    far = np.where(tail <= 5, _ratio(_NEAR, tail - 1.6), _ratio(_FAR, tail - 5))
    middle = wide / 2 * _ratio(_MIDDLE, 0.180625 - wide * wide / 4)
    y = np.where(np.abs(wide) <= 0.85, middle, np.copysign(far, wide)) / math.sqrt(2)
    return np.asarray(np.where(np.abs(wide) == 1, np.copysign(np.inf, wide), y)).astype(x.dtype)


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], r: Array) -> Array:
    above, below = coefficients
    return np.asarray(np.polyval(above, r) / np.polyval(below, r))
