"""Batch normalisation against its meaning: statistics of the batch and remembered ones, forward and gradients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, machines, value
from knoll.graph import Array, Graph, Value
from knoll.machine import Machine
from knoll.ops.batch_norm import batch_norm, batch_statistics
from knoll.run.build import compile_graph
from knoll.run.compiled import CompiledProgram

TOLERANCE = {"float32": 3e-5, "float64": 1e-11}
SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


def arrays_for(graph: Graph) -> list[Array]:
    """Normal numbers; one number for each channel is positive, as variances are."""
    generator = np.random.default_rng(0)
    arrays = []
    for v in graph.inputs:
        numbers = generator.standard_normal(v.spec.shape)
        arrays.append((np.abs(numbers) + 0.5 if v.spec.rank == 1 else numbers).astype(v.spec.dtype))
    return arrays


def check_normalised(graph: Graph, machine: Machine) -> None:
    """Compiled equals meaning; the variances that go in are positive."""
    check(graph, machine, arrays_for(graph), tolerance=TOLERANCE)


def normalised(x: Value, own: bool, affine: bool, dtype: str) -> tuple[list[Value], Value]:
    """Inputs besides x, and the normalised x."""
    c = x.spec.shape[1]
    if own:
        given, statistics = [], batch_statistics.node(x).outputs[:2]
    else:
        given = [value(dtype, c), value(dtype, c)]
        statistics = tuple(given)
    parameters = [value(dtype, c), value(dtype, c)] if affine else []
    return given + parameters, batch_norm(x, *statistics, *parameters, epsilon=1e-5, own=own)


@machines
@elements
@examples(5)
@given(st.integers(2, 40), st.integers(1, 70), st.integers(1, 6), st.integers(1, 6), st.booleans(), st.booleans())
def test_kernels(machine: Machine, dtype: str, n: int, c: int, h: int, w: int, own: bool, affine: bool) -> None:
    # The variance of a handful of numbers may be next to nothing, and dx all rounding: float32 gets 32 of them.
    x = value(dtype, n if dtype == "float64" else max(n, -(-32 // (h * w))), c, h, w)
    others, y = normalised(x, own, affine, dtype)
    check_normalised(Graph((x, *others), (y,)), machine)


@machines
@pytest.mark.parametrize("own", [True, False])
def test_rows_of_features(machine: Machine, own: bool) -> None:
    x = value("float64", 9, 21)
    others, y = normalised(x, own, True, "float64")
    check_normalised(Graph((x, *others), (y,)), machine)


def build_or_fail(graph: Graph, machine: Machine) -> CompiledProgram:
    program = compile_graph(graph, (), machine)
    assert program is not None
    return program
