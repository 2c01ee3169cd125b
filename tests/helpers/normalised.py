"""Graphs with a batch normalisation, and numbers for them."""

from __future__ import annotations

import numpy as np

from against_meaning import check, value
from knoll.graph import Array, Graph, Value
from knoll.machine import Machine
from knoll.ops.normalisation.batch_norm import batch_norm, batch_statistics

TOLERANCE = {"float32": 3e-5, "float64": 1e-11}


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
