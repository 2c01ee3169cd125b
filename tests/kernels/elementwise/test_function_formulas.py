"""Formulas of functions in closed form against more digits, over the whole range, on every kind of processor."""

from __future__ import annotations

import math

import numpy as np
import pytest

from against_meaning import elements, in_machine_code, machines, value
from knoll.graph import Array, Graph, Op
from knoll.machine import Machine
from knoll.ops.elementwise.functions import erf, erfc, exp2, expm1, log1p

UNITS = {"erf": 2, "erfc": 5, "log1p": 2, "expm1": 3, "exp2": 2}  # in the last place
FUNCTIONS = pytest.mark.parametrize("op", [erf, erfc, log1p, expm1, exp2], ids=lambda op: op.name)

pytestmark = [machines, elements]


def run(op: Op, x: Array, machine: Machine) -> Array:
    """One operation on a line of numbers, by machine code."""
    given = value(x.dtype.name, 1, x.size)
    return in_machine_code(Graph((given,), (op(given),)), (), machine).forward([x[None]])[0][0][0]


def precise(op: Op, x: Array) -> Array:
    """The same with more digits than float32 has; of the functions of NumPy with more than float64 has."""
    if op in (erf, erfc):
        return np.array([getattr(math, op.name)(float(number)) for number in x])
    with np.errstate(all="ignore"):
        return np.asarray(getattr(np, op.name)(x.astype(np.longdouble)))


@FUNCTIONS
def test_whole_range(op: Op, machine: Machine, dtype: str) -> None:
    generator = np.random.default_rng(0)
    sizes = np.exp(generator.uniform(-60, 7, 6000))
    parts = [generator.uniform(-reach, reach, 6000) for reach in (1, 6, 30, 130)]
    x = np.concatenate([*parts, sizes, -sizes, sizes - 1]).astype(dtype)
    x = x[x > -1] if op is log1p else x
    mine, truth = run(op, x, machine), precise(op, x)
    with np.errstate(over="ignore"):
        rounded = truth.astype(dtype)
    normal = np.isfinite(rounded) & (np.abs(truth) > 2 * np.finfo(dtype).tiny)
    error = np.abs(mine[normal] - truth[normal]) / np.spacing(np.abs(rounded[normal]))
    worst = int(error.argmax())
    assert error[worst] <= UNITS[op.name], f"{op}({x[normal][worst]!r}) = {mine[normal][worst]!r}"
    np.testing.assert_array_equal(mine[np.isinf(rounded)], rounded[np.isinf(rounded)])
    small = np.isfinite(rounded) & ~normal
    assert (np.abs(mine[small]) <= 4 * np.finfo(dtype).tiny).all()


@FUNCTIONS
def test_special_numbers(op: Op, machine: Machine, dtype: str) -> None:
    huge = np.finfo(dtype).max
    x = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, huge, -huge, -1.0, -2.0], dtype)
    with np.errstate(all="ignore"):
        (truth,) = op.meaning(x)
    mine = run(op, x, machine)
    np.testing.assert_allclose(mine, truth, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(np.signbit(mine[3:5]), np.signbit(truth[3:5]))
