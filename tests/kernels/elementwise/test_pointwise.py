"""Elementwise operations in one pass: samples of any size, and in parts."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from against_meaning import machines
from knoll import nn
from knoll.graph import Graph, Spec, Value
from knoll.machine import Machine
from knoll.ops.activation import self_gated
from knoll.run.build import compile_graph
from knoll.tensor.record import traced


@machines
@pytest.mark.parametrize("shape", [(1,), (37,), (64, 1), (5, 3), (41, 3, 1), (1000,)])
def test_samples_of_less_than_a_vector(shape: tuple[int, ...], machine: Machine) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    value = Value(Spec(shape, x.dtype))
    program = compile_graph(Graph((value,), (self_gated.silu(value),)), (), machine)
    assert program is not None
    y = program.forward([x])[0][0]
    assert y.shape == shape
    np.testing.assert_allclose(y, self_gated.silu.meaning(x)[0], rtol=5e-7)


@machines
@pytest.mark.parametrize("layer", [nn.Threshold(0, -0.0), nn.Hardtanh(-0.0, 1), nn.Threshold(0, 0.0)], ids=str)
def test_constants_keep_the_sign_of_zero(layer: nn.Module, machine: Machine) -> None:
    graph, _ = traced(layer, knoll.zeros(1, 4096))
    x = np.full((1, 4096), -1, np.float32)
    program = compile_graph(graph, (), machine)
    assert program is not None
    (made,) = program.forward([x])[0]
    (node,) = graph.nodes
    (meant,) = node.op.meaning(x, **node.attributes)
    np.testing.assert_array_equal(np.signbit(made), np.signbit(meant))
    assert np.signbit(meant).all() == ("-0.0" in str(layer))
