"""The arithmetic of formulas: every activation in machine code against its meaning with more digits."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.graph import Graph, Op, Spec, Value
from knoll.machine import Machine
from knoll.ops.activation import elu, piecewise, self_gated, softplus
from knoll.ops.activation.prelu import rrelu, rrelu_dx
from knoll.run.build import compile_graph

UNITS, SLOPE_UNITS = 4, 6  # in the last place

Array = np.ndarray[Any, Any]
Numbers = tuple[tuple[str, float], ...]


def case(op: Op, **numbers: float) -> tuple[Op, Numbers]:
    return op, tuple(numbers.items())


SMOOTH = [
    case(self_gated.silu), case(self_gated.mish), case(self_gated.gelu), case(self_gated.gelu_tanh), case(elu.selu),
    case(elu.elu, alpha=1.0), case(elu.elu, alpha=-0.7), case(elu.celu, alpha=1.0),
    case(elu.celu, alpha=2.5), case(softplus.log_sigmoid), case(softplus.softplus, beta=1.0, threshold=20.0),
    case(softplus.softplus, beta=1.7, threshold=5.0), case(softplus.softplus, beta=-0.3, threshold=20.0),
    case(softplus.softsign), case(softplus.tanhshrink),
]  # fmt: skip
STRAIGHT = [
    case(piecewise.threshold, threshold=0.1, value=20.0), case(piecewise.threshold, threshold=0.5, value=-1.0),
    case(piecewise.leaky_relu, negative_slope=0.01), case(piecewise.leaky_relu, negative_slope=-0.3),
    case(piecewise.hardtanh, low=0.0, high=6.0), case(piecewise.hardtanh, low=-0.1, high=0.3),
    case(piecewise.hardsigmoid), case(piecewise.hardswish), case(piecewise.hardshrink, lambd=0.1),
    case(piecewise.hardshrink, lambd=-0.1), case(piecewise.softshrink, lambd=0.1),
    case(piecewise.softshrink, lambd=0.0),
]  # fmt: skip


def run(op: Op, numbers: Numbers, x: Array, machine: Machine) -> Array:
    """One operation on a line of numbers, by machine code."""
    value = Value(Spec((1, x.size), x.dtype))
    program = compile_graph(Graph((value,), (op(value, **dict(numbers)),)), (), machine)
    assert program is not None
    return program.forward([x[None]])[0][0][0]


def slope(op: Op, numbers: Numbers, x: Array, machine: Machine | None) -> Array:
    """The gradient of one operation on a line of numbers, from x or y as the operation wants it."""
    value = Value(Spec((1, x.size), x.dtype))
    node = op.node(value, **dict(numbers))
    dy = Value(node.specs[0])
    assert op.gradient is not None
    (dx,) = op.gradient(node, dy)
    assert dx is not None
    assert dx.node is not None
    source = x[None] if dx.node.inputs[1] is value else op.meaning(x[None], **dict(numbers))[0]
    ones = np.ones_like(source)
    if machine is None:
        return dx.node.op.meaning(ones, source, **dict(numbers))[0][0]
    inputs = (Value(dy.spec), Value(dy.spec))
    program = compile_graph(Graph(inputs, (dx.node.op(*inputs, **dict(numbers)),)), (), machine)
    assert program is not None
    return program.forward([ones, source])[0][0][0]


def places(dtype: str, numbers: Numbers) -> Array:
    """Numbers of every size and sign, and all bounds with their neighbours."""
    sizes = np.exp(np.random.default_rng(0).uniform(np.log(1e-30), np.log(1e30), 6000))
    even = [np.linspace(-a, a, 10001) for a in (3, 12, 45, 120 if dtype == "float32" else 760)]
    bounds = np.array([0, -3, 3, 2, -2, *(v for _, v in numbers), *(-v for _, v in numbers)], dtype)
    near = [bounds, np.nextafter(bounds, -np.inf), np.nextafter(bounds, np.inf)]
    x = np.concatenate([np.concatenate([*even, sizes, -sizes]).astype(dtype), *near])
    return x[(x == 0) | (np.abs(x) >= np.finfo(dtype).tiny)]


def error(mine: Array, truth: Array, dtype: str, floor: Array | float, tiny: float) -> Array:
    """How far apart, in units in the last place of the truth or of `floor`; below `tiny` everything is equal."""
    with np.errstate(over="ignore"):
        rounded = truth.astype(dtype)
    known = np.isfinite(rounded)
    np.testing.assert_array_equal(mine[~known], rounded[~known])
    unit = np.spacing(np.maximum(np.maximum(np.abs(rounded), floor), tiny).astype(dtype)).astype(truth.dtype)
    distance = np.where(known, np.abs(np.where(known, mine, 0) - np.where(known, truth, 0)), 0)
    return np.where((np.abs(truth) < 1.01 * tiny) & (np.abs(mine) <= 1.01 * tiny), 0, distance / unit)


def check(mine: Array, truth: Array, x: Array, units: float, numbers: Numbers, floor: Array | float = 0.0) -> None:
    """Within so many units in the last place."""
    steepness = min(1.0, abs(dict(numbers).get("beta", 1.0)))  # a power is divided by it that may be too small itself
    off = error(mine, truth, x.dtype.name, floor, float(np.finfo(x.dtype).tiny) / steepness)
    worst = int(off.argmax())
    assert off[worst] <= units, f"at {x[worst]!r}: {mine[worst]!r}, not {truth[worst]!r}: {off[worst]} units"


def crossing(op: Op, x: Array) -> Array:
    """Where a slope goes through zero, how large the parts are that it is the difference of."""
    crosses = op in (self_gated.silu, self_gated.mish, self_gated.gelu, self_gated.gelu_tanh, piecewise.hardswish)
    return np.where(crosses & (np.abs(x + 1.4) < 1.0), 0.25, 0.0)


@machines
@pytest.mark.parametrize(("op", "numbers"), SMOOTH + STRAIGHT, ids=str)
def test_float32(op: Op, numbers: Numbers, machine: Machine) -> None:
    x = places("float32", numbers)
    stored = {name: float(np.float32(value)) for name, value in numbers}
    check(run(op, numbers, x, machine), op.meaning(x.astype(np.float64), **stored)[0], x, UNITS, numbers)
    truth = slope(op, numbers, x, None).astype(np.float64)
    check(slope(op, numbers, x, machine), truth, x, SLOPE_UNITS, numbers, crossing(op, x))


@machines
@pytest.mark.parametrize(("op", "numbers"), STRAIGHT, ids=str)
def test_float64_of_straight_pieces(op: Op, numbers: Numbers, machine: Machine) -> None:
    x = places("float64", numbers)
    check(run(op, numbers, x, machine), op.meaning(x, **dict(numbers))[0], x, UNITS, numbers)
    check(slope(op, numbers, x, machine), slope(op, numbers, x, None), x, UNITS, numbers, crossing(op, x))


def exactly(mpmath: Any, op: Op, numbers: dict[str, float]) -> Any:
    """An activation for numbers with many digits."""
    e, one = mpmath.exp, mpmath.mpf(1)
    alpha, beta = numbers.get("alpha", 1.0), numbers.get("beta", 1.0)
    bend = mpmath.mpf("0.044715")
    return {
        "silu": lambda x: x / (1 + e(-x)),
        "mish": lambda x: x * mpmath.tanh(mpmath.log1p(e(x))),
        "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
        "gelu_tanh": lambda x: x / (1 + e(-mpmath.sqrt(8 / mpmath.pi) * (x + bend * x**3))),
        "selu": lambda x: elu.SELU_SCALE * (x if x > 0 else elu.SELU_ALPHA * mpmath.expm1(x)),
        "elu": lambda x: x if x > 0 else alpha * mpmath.expm1(x),
        "celu": lambda x: x if x > 0 else alpha * mpmath.expm1(x / alpha),
        "log_sigmoid": lambda x: -mpmath.log1p(e(-x)),
        "softplus": lambda x: x if beta * x > numbers["threshold"] else mpmath.log1p(e(beta * x)) / beta,
        "softsign": lambda x: x / (one + abs(x)),
        "tanhshrink": lambda x: x - mpmath.tanh(x),
    }[op.name]


@cache
def truths(op: Op, numbers: Numbers) -> tuple[Array, Array, Array]:
    """Places, and the activation and its slope there, with the digits of an extended number."""
    mpmath = pytest.importorskip("mpmath")
    generator = np.random.default_rng(1)
    sizes = np.exp(generator.uniform(np.log(1e-20), np.log(740), 40))
    x = np.concatenate([*(np.linspace(-a, a, 60) for a in (2, 9, 38, 740)), sizes, -sizes])
    with mpmath.workdps(520):  # a slope of e⁻⁷⁴⁰ is a difference in the 471st digit
        function = exactly(mpmath, op, dict(numbers))
        values = [function(mpmath.mpf(float(place))) for place in x]
        step = mpmath.mpf(10) ** -150
        further = [function(mpmath.mpf(float(place)) + step) for place in x]
        slopes = [(after - value) / step for after, value in zip(further, values, strict=True)]
        least = mpmath.mpf(10) ** -400
        rows = [[mpmath.nstr(v, 25) if abs(v) > least else "0" for v in row] for row in (values, slopes)]
        return x, *(np.array([np.longdouble(word) for word in row]) for row in rows)


@machines
@pytest.mark.parametrize(("op", "numbers"), SMOOTH, ids=str)
def test_float64(op: Op, numbers: Numbers, machine: Machine) -> None:
    x, values, slopes = truths(op, numbers)
    check(run(op, numbers, x, machine), values, x, UNITS, numbers)
    check(slope(op, numbers, x, machine), slopes, x, SLOPE_UNITS, numbers, crossing(op, x))


@machines
@elements
@pytest.mark.parametrize(("op", "numbers"), SMOOTH + STRAIGHT, ids=str)
def test_special_numbers(op: Op, numbers: Numbers, dtype: str, machine: Machine) -> None:
    huge = np.finfo(dtype).max
    x = np.array([np.nan, np.inf, -np.inf, huge, -huge, 0.0, -0.0], dtype)
    np.testing.assert_allclose(run(op, numbers, x, machine), op.meaning(x, **dict(numbers))[0], rtol=1e-6)
    np.testing.assert_allclose(slope(op, numbers, x, machine), slope(op, numbers, x, None), rtol=1e-6, atol=3e-7)


@machines
def test_drawn_slopes(machine: Machine) -> None:
    x = np.linspace(-2, 2, 37, dtype=np.float32)
    slopes = np.random.default_rng(0).uniform(0.1, 0.5, x.size).astype(np.float32)
    x[5] = np.nan
    values = tuple(Value(Spec((1, x.size), x.dtype)) for _ in range(3))
    program = compile_graph(Graph(values[:2], (rrelu(*values[:2]),)), (), machine)
    assert program is not None
    np.testing.assert_allclose(
        program.forward([x[None], slopes[None]])[0][0][0], rrelu.meaning(x, slopes)[0], rtol=1e-6
    )
    program = compile_graph(Graph(values, (rrelu_dx(*values),)), (), machine)
    assert program is not None
    dx = program.forward([slopes[None], x[None], slopes[None]])[0][0][0]
    np.testing.assert_allclose(dx, rrelu_dx.meaning(slopes, x, slopes)[0], rtol=1e-6)
