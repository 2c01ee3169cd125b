"""Powers: against finite differences; the derivatives at zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knoll.ops import power

Check = Callable[..., None]
RNG = np.random.default_rng(7)


def test_gradient_of_power(check_gradient: Check) -> None:
    check_gradient(power.power, RNG.uniform(0.3, 2.0, (3, 4)), RNG.uniform(-2, 2, (4,)), wrt=(0, 1))


def test_gradient_of_power_at_zero() -> None:
    zero, two = np.zeros(3), np.full(3, 2.0)
    assert power.power_da.meaning(zero, np.zeros(3))[0].tolist() == [0, 0, 0]
    assert power.power_db.meaning(zero, two)[0].tolist() == [0, 0, 0]


def test_integers_to_negative_powers() -> None:
    (powers,) = power.power.meaning(np.array([2, 1, -1, -1, 0, 3]), np.array([-1, -5, -3, -2, -1, 2]))
    assert powers.tolist() == [0, 1, -1, 1, 0, 9]
