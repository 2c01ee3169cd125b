"""Gated linear units in machine code: along every axis, on every kind of processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.graph import Graph, Op, Value, spec_of
from knoll.machine import Machine
from knoll.ops.glu import glu, glu_dx
from knoll.run.build import compile_graph

Array = np.ndarray[Any, Any]


RNG = np.random.default_rng(5)


pytestmark = [machines, elements]


def run(op: Op, axis: int, arrays: list[Array], machine: Machine) -> Array:
    """One operation by machine code."""
    values = tuple(Value(spec_of(array)) for array in arrays)
    program = compile_graph(Graph(values, (op(*values, axis=axis),)), (), machine)
    assert program is not None
    return program.forward(arrays)[0][0]


def close(mine: Array, truth: Array) -> None:
    """As many digits as sums of some terms leave."""
    digits = 3e-6 if mine.dtype == np.float32 else 1e-14
    np.testing.assert_allclose(mine, truth, rtol=digits, atol=digits)


@pytest.mark.parametrize(("shape", "axis"), [((3, 6), 1), ((2, 4, 7), 1), ((2, 3, 34), 2), ((2, 6, 5, 9), 1)])
def test_gates(shape: tuple[int, ...], axis: int, dtype: str, machine: Machine) -> None:
    x = RNG.standard_normal(shape).astype(dtype) * 3
    (y,) = glu.meaning(x, axis=axis)
    dy = RNG.standard_normal(y.shape).astype(dtype)
    close(run(glu, axis, [x], machine), y)
    close(run(glu_dx, axis, [dy, x], machine), glu_dx.meaning(dy, x, axis=axis)[0])
