"""Powers: against finite differences; the derivatives at zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from against_meaning import check, elements, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.elementwise import power

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


EXPONENTS = [-4, -3, -2, -1, 1, 2, 3, 4, 5, 7, 8]


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_whole_powers(check_gradient: Check, exponent: int) -> None:
    x = np.array([-2.5, -1.0, -0.3, 0.2, 1.0, 3.0])
    check_gradient(power.whole_power, x, exponent=exponent, wrt=(0,))
    np.testing.assert_allclose(power.whole_power.meaning(x, exponent=exponent)[0], x**exponent, rtol=1e-14)
    whole = np.array([-3, 2, 10**9])
    if exponent > 0:
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(power.whole_power.meaning(whole, exponent=exponent)[0], whole**exponent)


@machines
@elements
@pytest.mark.parametrize("exponent", EXPONENTS)
def test_whole_powers_in_machine_code(machine: Machine, dtype: str, exponent: int) -> None:
    x = value(dtype, 2, 37)
    graph = Graph((x,), (power.whole_power(x, exponent=exponent),))
    check(graph, machine, [np.random.default_rng(0).uniform(0.5, 2, (2, 37)).astype(dtype)])
