"""The normal distribution in NumPy: its density, and the share below a number."""

from __future__ import annotations

import math

import numpy as np

from knoll.ops.elementwise.normal import density, share_below


def test_the_density_is_the_slope_of_the_share() -> None:
    x, step = np.linspace(-4, 4, 41), 1e-5
    np.testing.assert_allclose((share_below(x + step) - share_below(x - step)) / (2 * step), density(x), rtol=1e-6)


def test_shares_of_both_sides_are_one_together() -> None:
    x = np.linspace(-6, 6, 25)
    np.testing.assert_allclose(share_below(x) + share_below(-x), 1, rtol=1e-15)
    assert share_below(np.array([0.0, -40.0, 40.0])).tolist() == [0.5, 0, 1]


def test_far_below_digits_are_kept() -> None:
    # Φ(−t) · t · √(2π) · exp(t²/2) → 1 − 1/t² + 3/t⁴ − …; t²/2 is exact for t = 32
    t = 32.0
    series = 1 - t**-2 + 3 * t**-4 - 15 * t**-6
    expected = series / (t * math.sqrt(2 * math.pi)) * math.exp(-(t**2) / 2)
    np.testing.assert_allclose(share_below(np.array([-t]))[0], expected, rtol=1e-9)
