"""Averages, enlarging, shrinking and padding against their meaning, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.graph import Graph, Spec, Value, Window, gradient
from knoll.kernels.runs import runs_of
from knoll.machine import NAMED, Machine, host
from knoll.ops.axes import Adaptive, Average, Axis, Linear, Nearest, Padded
from knoll.ops.elementwise import add, relu
from knoll.ops.resample2d import resample2d
from knoll.ops.tables import Table
from knoll.run.build import build
from knoll.run.compiled import Compiled
from knoll.run.reference import Reference

MACHINES = [m for m in NAMED.values() if m.vector_bytes <= host().vector_bytes]
TOLERANCE = {"float32": 2e-6, "float64": 4e-15}


def value(dtype: str, *shape: int) -> Value:
    return Value(Spec(shape, np.dtype(dtype)))


def check(graph: Graph, machine: Machine) -> None:
    """Compiled equals meaning: the output, and the gradient of the input."""
    program, reference = build(graph, (0,), machine), Reference(graph, gradient(graph, (0,), add))
    assert isinstance(program, Compiled), "no kernel for this graph"
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(v.spec.shape).astype(v.spec.dtype) for v in graph.inputs]
    (mine,), saved = program.forward(arrays)
    (truth,), known = reference.forward(arrays)
    close(mine, truth)
    seed = random.standard_normal(truth.shape).astype(truth.dtype)
    for one, other in zip(program.backward(saved, [seed]), reference.backward(known, [seed]), strict=True):
        close(one, other)


def close(mine: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> None:
    scale = max(float(np.abs(truth).max()), 1.0)
    assert mine.shape == truth.shape
    np.testing.assert_allclose(mine, truth, rtol=0, atol=TOLERANCE[truth.dtype.name] * scale)


@st.composite
def axes(draw: st.DrawFn) -> tuple[int, Axis]:
    """The size of an axis, and something that can be done with it."""
    size = draw(st.integers(2, 34))
    return size, draw(st.one_of(averages(size), st.builds(Adaptive, st.integers(1, 36)), enlarged(), padded(size)))


def averages(size: int) -> st.SearchStrategy[Axis]:
    """Windows that fit, with or without padding, hanging over, divided by a number of one's own."""
    windows = st.integers(1, size).flatmap(
        lambda kernel: st.builds(
            lambda stride, padding, ceil: Window(kernel, stride, padding, padding, ceil=ceil),
            st.integers(1, 5),
            st.integers(0, kernel // 2),
            st.booleans(),
        )
    )
    return st.builds(Average, windows, st.booleans(), st.none() | st.just(-3))


def enlarged() -> st.SearchStrategy[Axis]:
    """Results between elements."""
    sizes, scales = st.integers(1, 50), st.none() | st.sampled_from([0.3, 1.5, 2.0, 3.0])
    return st.one_of(
        st.builds(Nearest, sizes, scales, st.booleans()),
        st.builds(Linear, sizes, scales, st.booleans()),
        st.builds(lambda k: Linear(k * 8), st.integers(1, 4)),
    )


def padded(size: int) -> st.SearchStrategy[Axis]:
    """More on both sides, or less on one."""
    ends = st.integers(0, size - 1) | st.just(-1)
    return st.builds(Padded, ends, st.integers(0, size - 1), st.sampled_from(["constant", "reflect", "replicate", "circular"]))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@settings(max_examples=15, deadline=None)
@given(axes(), axes(), st.integers(1, 70), st.integers(1, 3))
def test_any_two_ways(machine: Machine, dtype: str, rows: tuple[int, Axis], columns: tuple[int, Axis], c: int, n: int) -> None:
    x = value(dtype, n, c, rows[0], columns[0])
    check(Graph((x,), (resample2d(x, rows=rows[1], columns=columns[1]),)), machine)
