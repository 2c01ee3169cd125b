"""One operation along an axis by machine code."""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Graph, Op, Value, spec_of
from knoll.machine import Machine
from knoll.run.build import compile_graph


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
