"""Standardisation of rows in machine code: rows short and long, alone and together, far from zero and without end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.graph import Array, Graph, Op, Value, spec_of
from knoll.kernels.normalisation.moments import PIECE
from knoll.machine import Machine
from knoll.ops.standardize import standardize, standardize_dx, standardize_sums
from knoll.run.build import compile_graph

RNG = np.random.default_rng(8)
SHAPES = [(3, 5, 7), (2, 9, 16), (21, 1, 37), (2, 4, 300), (1, 2, PIECE), (1, 3, PIECE + 5), (2, 1, 3 * PIECE + 17)]

pytestmark = [machines, elements]
centred = pytest.mark.parametrize("centred", [True, False])


def run(op: Op, arrays: list[Array], machine: Machine, **attributes: Any) -> list[Array]:
    """One operation by machine code."""
    values = tuple(Value(spec_of(array)) for array in arrays)
    program = compile_graph(Graph(values, op.node(*values, **attributes).outputs), (), machine)
    assert program is not None
    return program.forward(arrays)[0]


def close(mine: Array, truth: Array, terms: int = 1) -> None:
    """As many digits as sums of so many terms leave."""
    digits = (3e-6 if mine.dtype == np.float32 else 1e-14) * terms**0.5
    np.testing.assert_allclose(mine, truth, rtol=digits, atol=digits)


def numbers(dtype: str, *shape: int) -> Array:
    return np.asarray(RNG.standard_normal(shape) * 2 + 1, dtype)


@centred
@pytest.mark.parametrize("shape", SHAPES)
def test_rows(shape: tuple[int, int, int], centred: bool, dtype: str, machine: Machine) -> None:
    (n, rows, size), epsilon = shape, np.array(1e-3, dtype)
    x, dy, learned = numbers(dtype, *shape), numbers(dtype, *shape), [numbers(dtype, size) for _ in range(2)]
    of = {"rows": rows, "centred": centred}
    for affine in range(3):
        given = [x, epsilon, *learned[:affine]]
        (y,) = run(standardize, given, machine, **of, run=1, to=(rows, size))
        close(y, standardize.meaning(*given, **of, run=1, to=(rows, size))[0])
    for given in ([dy, x, epsilon], [dy, x, epsilon, learned[0]]):
        close(run(standardize_dx, given, machine, **of)[0], standardize_dx.meaning(*given, **of)[0])
    sums = run(standardize_sums, [dy, x, epsilon], machine, **of)
    for mine, truth in zip(sums, standardize_sums.meaning(dy, x, epsilon, **of), strict=True):
        close(mine, truth, n * rows)


@pytest.mark.parametrize(("rows", "channels", "run_"), [(2, 6, 5), (1, 4, 49), (6, 6, 33), (3, 12, 1), (2, 8, PIECE)])
def test_channels(rows: int, channels: int, run_: int, dtype: str, machine: Machine) -> None:
    given = [numbers(dtype, 2, channels, run_), np.array(1e-3, dtype), *(numbers(dtype, channels) for _ in range(2))]
    of = {"rows": rows, "centred": True, "run": run_, "to": (channels, run_)}
    close(run(standardize, given, machine, **of)[0], standardize.meaning(*given, **of)[0])


@pytest.mark.parametrize("size", [20, 37, PIECE + 100])
def test_a_row_gives_the_same_alone(size: int, dtype: str, machine: Machine) -> None:
    x, epsilon, of = numbers(dtype, 7, 1, size), np.array(1e-5, dtype), {"rows": 1, "centred": True}
    for op, before, more in ((standardize, [], {"run": 1, "to": (1, size)}), (standardize_dx, [x[::-1] * 2], {})):
        together = run(op, [*before, x, epsilon], machine, **of, **more)[0]
        for row in range(7):
            lines = [np.ascontiguousarray(each[row : row + 1]) for each in (*before, x)]
            np.testing.assert_array_equal(run(op, [*lines, epsilon], machine, **of, **more)[0], together[row : row + 1])


@pytest.mark.parametrize("size", [50, 2 * PIECE + 9])
def test_a_mean_far_from_zero_costs_no_digits(size: int, dtype: str, machine: Machine) -> None:
    """The first numbers of a long row lie elsewhere than the others."""
    far = 2.0**8 if dtype == "float32" else 2.0**20
    x = (np.round(RNG.standard_normal((2, 3, size)) * 64) / 64 + far).astype(dtype)
    x[..., : size // 3] -= np.asarray(3, dtype)
    of = {"rows": 3, "centred": True, "run": 1, "to": (3, size)}
    given = [x, np.array(0, dtype)]
    mine, truth = run(standardize, given, machine, **of)[0], standardize.meaning(*given, **of)[0]
    np.testing.assert_allclose(mine, truth, atol=far * float(np.finfo(dtype).eps) * 4)


def test_numbers_without_end_stay_in_their_rows(dtype: str, machine: Machine) -> None:
    x = numbers(dtype, 2, 6, 20)
    x[0, 1, 3], x[0, 2, 19], x[1, 5, 0], x[1, 4] = np.nan, np.inf, -np.inf, 0
    of = {"rows": 6, "centred": True, "run": 1, "to": (6, 20)}
    given = [x, np.array(1e-3, dtype), numbers(dtype, 20)]
    close(run(standardize, given, machine, **of)[0], standardize.meaning(*given, **of)[0])
