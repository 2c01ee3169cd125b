"""exp, sigmoid and tanh of the kernels against more digits, over the whole range, on every kind of processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import elements, machines, value
from knoll.graph import Array, Graph, Op, Spec, Value
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import sigmoid, tanh
from knoll.ops.elementwise.arithmetic import exp, log, sign
from knoll.run.build import compile_graph

UNITS = 3  # in the last place

pytestmark = [machines, elements]


def run(op: Op, x: Array, machine: Machine) -> Array:
    """One operation on a line of numbers, by machine code."""
    value = Value(Spec((1, x.size), x.dtype))
    program = compile_graph(Graph((value,), (op(value),)), (), machine)
    assert program is not None
    return program.forward([x[None]])[0][0][0]


def precise(op: Op, x: Array) -> Array:
    """The same with the digits of an extended number."""
    wide = x.astype(np.longdouble)
    with np.errstate(over="ignore", under="ignore"):
        return {"exp": np.exp, "tanh": np.tanh, "sigmoid": lambda v: 1 / (1 + np.exp(-v))}[op.name](wide)


def check(op: Op, x: Array, machine: Machine) -> None:
    """Within some units in the last place; what is too small for a normal number may be zero."""
    mine, truth = run(op, x, machine), precise(op, x)
    information = np.finfo(x.dtype)
    with np.errstate(over="ignore"):
        rounded = truth.astype(x.dtype)
    finite = np.isfinite(rounded) & (np.abs(truth) > information.tiny * (1 + 4 * information.eps))
    error = np.abs(mine[finite] - truth[finite]) / np.spacing(np.abs(rounded[finite])).astype(np.longdouble)
    worst = int(error.argmax())
    assert error[worst] <= UNITS, f"{op}({x[finite][worst]!r}) = {mine[finite][worst]!r}, off by {error[worst]} units"
    small = np.isfinite(rounded) & ~finite
    assert (np.abs(mine[small]) <= 2 * information.tiny).all()
    np.testing.assert_array_equal(mine[~np.isfinite(rounded)], rounded[~np.isfinite(rounded)])


def over(low: float, high: float, dtype: str) -> Array:
    """Numbers evenly spread, and numbers of every size, of both signs where the range has both."""
    generator = np.random.default_rng(0)
    even = np.linspace(low, high, 20011)
    sizes = np.exp(generator.uniform(np.log(1e-30), np.log(max(-low, high)), 5000))
    all_sizes = np.concatenate([sizes, -sizes])
    return np.concatenate([even, all_sizes[(all_sizes > low) & (all_sizes < high)]]).astype(dtype)


@pytest.mark.parametrize("op", [exp, sigmoid, tanh], ids=lambda op: op.name)
def test_whole_range(op: Op, machine: Machine, dtype: str) -> None:
    reach = 120.0 if dtype == "float32" else 760.0
    check(op, over(-reach, reach, dtype), machine)
    check(op, over(-2.0, 2.0, dtype), machine)


@pytest.mark.parametrize("op", [exp, sigmoid, tanh], ids=lambda op: op.name)
def test_ends_of_the_range(op: Op, machine: Machine, dtype: str) -> None:
    largest = float(np.log(np.finfo(dtype).max))
    smallest = float(np.log(np.finfo(dtype).tiny))
    edges = [edge + np.linspace(-0.5, 0.5, 4001) for edge in (largest, smallest, -largest)]
    huge = float(np.finfo(dtype).max)
    check(op, np.concatenate([*edges, [huge, -huge, 1e30, -1e30, 0.0]]).astype(dtype), machine)


def test_special_numbers(machine: Machine, dtype: str) -> None:
    tiny = np.finfo(dtype).tiny
    x = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, tiny / 4, -tiny / 4], dtype)
    np.testing.assert_array_equal(run(exp, x, machine), np.array([np.inf, 0, np.nan, 1, 1, 1, 1], dtype))
    np.testing.assert_array_equal(run(sigmoid, x, machine), np.array([1, 0, np.nan, 0.5, 0.5, 0.5, 0.5], dtype))
    y = run(tanh, x, machine)
    np.testing.assert_array_equal(y, np.array([1, -1, np.nan, 0, 0, 0, 0], dtype))
    assert np.signbit(y[[1, 4]]).all()
    assert not np.signbit(y[[0, 3]]).any()


def test_logarithm(machine: Machine, dtype: str) -> None:
    info = np.finfo(dtype)
    generator = np.random.default_rng(0)
    x = np.concatenate([2 ** generator.uniform(info.minexp, info.maxexp, 4000), 1 + generator.uniform(-0.4, 0.8, 4000)])
    odd = [0.0, -0.0, -1.0, np.inf, -np.inf, np.nan, 1.0, info.max, info.tiny, info.smallest_subnormal, info.tiny / 3]
    x = np.concatenate([x, odd, [-info.smallest_subnormal]]).astype(dtype)
    y = one_to_one(log, x, machine)
    with np.errstate(all="ignore"):
        truth = np.log(x.astype(np.longdouble))
    special = ~np.isfinite(truth)
    np.testing.assert_array_equal(y[special], truth[special].astype(dtype))
    error = np.abs(y[~special] - truth[~special]) / np.spacing(np.abs(truth[~special]).astype(dtype))
    assert error.max() < 1


def test_sign(machine: Machine, dtype: str) -> None:
    x = np.array([-2, -0.0, 0, 3, np.inf, -np.inf, np.nan], dtype)
    np.testing.assert_array_equal(one_to_one(sign, x, machine), np.array([-1, 0, 0, 1, 1, -1, 0], dtype))


def one_to_one(op: Any, x: Array, machine: Machine) -> Array:
    """A formula over one row of numbers."""
    given_ = value(x.dtype.name, 1, len(x))
    program = compile_graph(Graph((given_,), (op(given_),)), (), machine)
    assert program is not None
    return program.forward([x[None]])[0][0][0]
