"""Channels side by side and apart again, compiled, against the meaning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.graph import Graph, Spec, Value, gradient
from knoll.machine import NAMED, Machine, host
from knoll.ops.conv2d import conv2d
from knoll.ops.elementwise import add, tanh
from knoll.ops.reshape import concatenate
from knoll.run.build import compiled
from knoll.run.reference import Reference

MACHINES = [m for m in NAMED.values() if m.vector_bytes <= host().vector_bytes]
SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


def check(graph: Graph, machine: Machine) -> None:
    wanted = tuple(range(len(graph.inputs)))
    program, reference = compiled(graph, wanted, machine), Reference(graph, gradient(graph, wanted, add))
    assert program is not None, "no kernel for this graph"
    generator = np.random.default_rng(0)
    arrays = [generator.standard_normal(v.spec.shape) for v in graph.inputs]
    (mine,), saved = program.forward(arrays)
    (truth,), known = reference.forward(arrays)
    np.testing.assert_allclose(mine, truth, rtol=0, atol=1e-11)
    seed = [generator.standard_normal(truth.shape)]
    for one, other in zip(program.backward(saved, seed), reference.backward(known, seed), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-11 * max(np.abs(other).max(), 1))


def value(*shape: int) -> Value:
    return Value(Spec(shape, np.dtype(np.float64)))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 4), st.integers(1, 4))
def test_images(machine: Machine, channels: list[int], h: int, w: int) -> None:
    parts = [value(3, c, h, w) for c in channels]
    check(Graph(tuple(parts), (tanh(concatenate(*map(tanh, parts), axis=1)),)), machine)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
@pytest.mark.parametrize("shape", [(3, 5), (3, 17), (2, 3, 7)])
def test_rows(machine: Machine, shape: tuple[int, ...]) -> None:
    parts = [value(*shape), value(*shape)]
    check(Graph(tuple(parts), (concatenate(*parts, axis=1),)), machine)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_shortcut_beside_a_convolution(machine: Machine) -> None:
    """As in a U-Net: what went down joins what comes up, and both are read by a convolution with padding."""
    x, w, v = value(2, 5, 6, 7), value(12, 5, 3, 3), value(4, 17, 3, 3)
    check(Graph((x, w, v), (conv2d(concatenate(x, conv2d(x, w, **SLIDE), axis=1), v, **SLIDE),)), machine)
