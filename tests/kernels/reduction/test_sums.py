"""Long sums over pixels and rows keep their digits."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import in_machine_code, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.linear_algebra.linear import linear_dw
from knoll.ops.normalisation.batch_norm import batch_statistics
from knoll.ops.reduction.reduce import sum_

TENTH = np.float32(0.1)
ROUNDING = float(np.finfo("float32").eps)


@machines
@pytest.mark.parametrize("w", [1, 3, 250, 401])
def test_many_equal_numbers_lose_few_digits(machine: Machine, w: int) -> None:
    # One after the other, 100,000 equal numbers are rounded to the same side each time: 5e-4 is lost.
    x = value("float32", 2, 5, 250, w)
    program = in_machine_code(Graph((x,), (sum_(x, axes=(0, 2, 3), keep=False),)), (), machine)
    ((sums,), _) = program.forward([np.full(x.spec.shape, TENTH)])
    np.testing.assert_allclose(sums, 2 * 250 * w * np.float64(TENTH), rtol=40 * ROUNDING)


@machines
def test_two_equal_halves_have_their_variance(machine: Machine) -> None:
    x = value("float32", 1, 3, 300, 300)
    program = in_machine_code(Graph((x,), batch_statistics.node(x).outputs[:2]), (), machine)
    numbers = np.full(x.spec.shape, TENTH)
    numbers[:, :, 150:] *= -1
    ((mean, variance), _) = program.forward([numbers])
    np.testing.assert_allclose(mean, 0, atol=40 * ROUNDING * TENTH)
    np.testing.assert_allclose(variance, np.float64(TENTH) ** 2, rtol=40 * ROUNDING)


@machines
def test_many_equal_rows_lose_few_digits(machine: Machine) -> None:
    dy, x = value("float32", 40_000, 3), value("float32", 40_000, 17)
    program = in_machine_code(Graph((dy, x), (linear_dw(dy, x),)), (), machine)
    ((dw,), _) = program.forward([np.full(v.spec.shape, TENTH) for v in (dy, x)])
    np.testing.assert_allclose(dw, 40_000 * np.float64(TENTH) ** 2, rtol=80 * ROUNDING)
