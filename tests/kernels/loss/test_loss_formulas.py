"""Formulas of losses in machine code where numbers are zero, infinite, or none at all: exactly as they are meant."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from against_meaning import elements, in_machine_code, machines, value
from knoll.graph import Array, Graph, Op
from knoll.machine import Machine
from knoll.ops.loss.binary_cross_entropy import (
    binary_cross_entropy,
    binary_cross_entropy_dtarget,
    binary_cross_entropy_dx,
    logits_cross_entropy,
    logits_slope,
)
from knoll.ops.loss.likelihood import stirling, stirling_dx, xlogy, xlogy_dx

ODD = [np.inf, -np.inf, np.nan, 0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-30, 1e30, 80.0, -700.0]
SHARES = [0.0, 1.0, 0.5, 1e-15, 1e-9, 1 - 6e-8, 0.25]
CASES = [
    (xlogy, ODD, 2), (xlogy_dx, ODD, 3), (stirling, ODD, 1), (stirling_dx, ODD, 2), (logits_cross_entropy, ODD, 2),
    (logits_cross_entropy, ODD, 3), (logits_slope, ODD, 3), (binary_cross_entropy, SHARES, 2),
    (binary_cross_entropy_dx, SHARES, 3), (binary_cross_entropy_dtarget, SHARES, 2),
]  # fmt: skip


def combined(numbers: list[float], count: int, dtype: str) -> list[Array]:
    """Every number with every other, as rows."""
    return [grid.reshape(1, -1).astype(dtype) for grid in np.meshgrid(*[numbers] * count)]


@machines
@elements
@pytest.mark.parametrize(("op", "numbers", "count"), CASES, ids=lambda case: str(case) if isinstance(case, Op) else "")
def test_odd_numbers(machine: Machine, dtype: str, op: Op, numbers: list[float], count: int) -> None:
    arrays = combined(numbers, count, dtype)
    inputs = tuple(value(dtype, *array.shape) for array in arrays)
    (truth,) = op.meaning(*arrays)
    program = in_machine_code(Graph(inputs, (op(*inputs),)), (), machine)
    mine = program.forward(arrays)[0][0]
    np.testing.assert_allclose(mine, truth, rtol={"float32": 4e-6, "float64": 1e-14}[dtype], atol=1e-37)


@machines
@elements
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("bad", [-1e-7, 1.0000002, np.nan, np.inf])
def test_what_is_no_share_becomes_no_number(
    machine: Machine, dtype: str, place: int, bad: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    believing: Callable[..., list[Array]] = lambda self, results, arrays: results  # noqa: ARG005, E731 (a stand-in)
    monkeypatch.setattr("knoll.run.compiled.CompiledProgram.guarded", believing)
    x, y = value(dtype, 1, 5), value(dtype, 1, 5)
    program = in_machine_code(Graph((x, y), (binary_cross_entropy(x, y),)), (), machine)
    arrays = [np.full((1, 5), 0.5, dtype), np.full((1, 5), 0.25, dtype)]
    arrays[place][0, 3] = bad
    losses, witness = program.forward(arrays)[0]
    np.testing.assert_array_equal(np.isnan(losses), [[False, False, False, True, False]])
    assert np.isnan(witness)
