"""Softmax and its relatives in machine code: along every axis, of every length, on every kind of processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import elements, machines
from along_axis import close, run
from knoll.machine import Machine
from knoll.ops.activation.softmax import log_softmax, log_softmax_dx, safe_softmax, softmax, softmax_dx

SHAPES = [((3, 10), 1), ((3, 16), 1), ((39, 10), 1), ((39, 16), 1), ((39, 3), 1), ((22, 37), 1), ((2, 43, 7), 2),
          ((2, 1), 1), ((2, 5, 7), 1), ((2, 5, 7), 2), ((2, 33, 4, 5), 1),
          ((2, 3, 4, 37), 3), ((2, 3, 6, 40), 2), ((2, 4, 40, 30), 1), ((1, 2, 3, 4, 2), 3)]  # fmt: skip

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(5)

pytestmark = [machines, elements]


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
@pytest.mark.parametrize("spread", [1.0, 50.0])
def test_shares(shape: tuple[int, ...], axis: int, spread: float, dtype: str, machine: Machine) -> None:
    x, dy = (RNG.standard_normal(shape) * spread).astype(dtype), RNG.standard_normal(shape).astype(dtype)
    for op, gradient in ((softmax, softmax_dx), (safe_softmax, softmax_dx), (log_softmax, log_softmax_dx)):
        y = op.meaning(x, axis=axis)[0]
        close(run(op, axis, [x], machine), y)
        close(run(gradient, axis, [dy, y], machine), gradient.meaning(dy, y, axis=axis)[0])


@pytest.mark.parametrize("shape", ["rows", "many rows", "columns"])
def test_numbers_without_end(shape: str, dtype: str, machine: Machine) -> None:
    lines = [
        [0, -np.inf, 1, 2, -np.inf],
        [1e4, 0, -1e4, 1, 2],
        [-np.inf] * 5,
        [np.nan, 0, 1, 2, 3],
        [np.inf, 0, 1, 2, 3],
    ]
    x = np.array(lines, dtype)
    x = {"rows": np.stack([x, x]), "many rows": np.concatenate([x] * 7), "columns": np.stack([x.T, x.T])}[shape]
    axis = 2 if shape == "rows" else 1
    for op in (softmax, log_softmax, safe_softmax):
        close(run(op, axis, [x], machine), op.meaning(x, axis=axis)[0])


@pytest.mark.parametrize("size", [3, 10, 20, 37])
def test_a_row_gives_the_same_alone(size: int, dtype: str, machine: Machine) -> None:
    x, dy = RNG.standard_normal((21, size)).astype(dtype), RNG.standard_normal((21, size)).astype(dtype)
    for op, arrays in ((softmax, [x]), (log_softmax, [x]), (softmax_dx, [dy, x]), (log_softmax_dx, [dy, x])):
        together = run(op, 1, arrays, machine)
        alone = np.concatenate([run(op, 1, [array[row : row + 1] for array in arrays], machine) for row in range(21)])
        np.testing.assert_array_equal(together, alone)
