"""Standardisation of rows in machine code: rows short and long, alone and together, far from zero and without end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.graph import Array, Graph, Op, Value, spec_of
from knoll.kernels.normalisation.moments import PIECE
from knoll.machine import Machine
from knoll.ops.normalisation.standardize import standardize, standardize_dx, standardize_sums
from knoll.run.build import compile_graph

RNG = np.random.default_rng(8)
SHAPES = [(3, 5, 7), (2, 9, 16), (21, 1, 37), (2, 4, 300), (1, 2, PIECE), (1, 3, PIECE + 5), (2, 1, 3 * PIECE + 17)]
CHANNELS = [
    (2, 6, 5),
    (1, 4, 49),
    (6, 6, 33),
    (3, 12, 1),
    (2, 8, PIECE),
    (1, 17, 3),
    (5, 5, 16),
    (1, 1, 24),
    (3, 21, 7),
]

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
        close(run(standardize_dx, given, machine, **of, run=1)[0], standardize_dx.meaning(*given, **of, run=1)[0])
    sums = run(standardize_sums, [dy, x, epsilon], machine, **of, run=1, count=size)
    truths = standardize_sums.meaning(dy, x, epsilon, **of, run=1, count=size)
    for mine, truth in zip(sums, truths, strict=True):
        close(mine, truth, n * rows)


@centred
@pytest.mark.parametrize("n", [1, 7])
@pytest.mark.parametrize(("rows", "channels", "run_"), CHANNELS)
def test_channels(rows: int, channels: int, run_: int, n: int, centred: bool, dtype: str, machine: Machine) -> None:
    x, dy = numbers(dtype, n, channels, run_), numbers(dtype, n, channels, run_)
    epsilon, scale, shift = np.array(1e-3, dtype), numbers(dtype, channels), numbers(dtype, channels)
    of = {"rows": rows, "centred": centred, "run": run_}
    given, to = [x, epsilon, scale, shift], (channels, run_)
    close(run(standardize, given, machine, **of, to=to)[0], standardize.meaning(*given, **of, to=to)[0])
    dx, *sums = gradients(dy, x, epsilon, scale, machine, **of)
    close(dx, standardize_dx.meaning(dy, x, epsilon, scale, **of)[0])
    truths = standardize_sums.meaning(dy, x, epsilon, **of, count=channels)
    for mine, truth in zip(sums, truths, strict=True):
        close(mine, truth, 9 * n * run_)
    np.testing.assert_array_equal(run(standardize_dx, [dy, x, epsilon, scale], machine, **of)[0], dx)
    for mine, together in zip(
        run(standardize_sums, [dy, x, epsilon], machine, **of, count=channels), sums, strict=True
    ):
        np.testing.assert_array_equal(mine, together)


def gradients(dy: Array, x: Array, epsilon: Array, scale: Array, machine: Machine, **of: Any) -> list[Array]:
    """Those of x, scale and shift, by one program."""
    arrays = [dy, x, epsilon, scale]
    values = tuple(Value(spec_of(array)) for array in arrays)
    dx = standardize_dx(*values, **of)
    graph = Graph(values, (dx, *standardize_sums.node(*values[:3], **of, count=scale.size).outputs))
    program = compile_graph(graph, (), machine)
    assert program is not None
    return program.forward(arrays)[0]


@pytest.mark.parametrize("size", [20, 37, PIECE + 100])
def test_a_row_gives_the_same_alone(size: int, dtype: str, machine: Machine) -> None:
    x, epsilon, of = numbers(dtype, 7, 1, size), np.array(1e-5, dtype), {"rows": 1, "centred": True}
    for op, before, more in (
        (standardize, [], {"run": 1, "to": (1, size)}),
        (standardize_dx, [x[::-1] * 2], {"run": 1}),
    ):
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


def test_numbers_without_end_stay_in_their_channels(dtype: str, machine: Machine) -> None:
    for run_ in (1, 7):
        x, dy = numbers(dtype, 3, 12, run_), numbers(dtype, 3, 12, run_)
        x[0, 1, 0], x[1, 5, run_ - 1], dy[2, 8, 0] = np.nan, np.inf, -np.inf
        given, of = (dy, x, np.array(1e-3, dtype)), {"rows": 4, "centred": True, "run": run_}
        scale = numbers(dtype, 12)
        dx, *sums = gradients(*given, scale, machine, **of)
        close(dx, standardize_dx.meaning(*given, scale, **of)[0])
        for mine, truth in zip(sums, standardize_sums.meaning(*given, **of, count=12), strict=True):
            close(mine, truth, 3 * run_)


def test_numbers_without_end_stay_in_their_rows(dtype: str, machine: Machine) -> None:
    x = numbers(dtype, 2, 6, 20)
    x[0, 1, 3], x[0, 2, 19], x[1, 5, 0], x[1, 4] = np.nan, np.inf, -np.inf, 0
    of = {"rows": 6, "centred": True, "run": 1, "to": (6, 20)}
    given = [x, np.array(1e-3, dtype), numbers(dtype, 20)]
    close(run(standardize, given, machine, **of)[0], standardize.meaning(*given, **of)[0])
