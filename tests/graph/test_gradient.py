"""The gradient of a graph: a graph too, for the inputs that an output depends on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import UnsupportedError
from knoll.graph import Graph, Op, Spec, Value, evaluate
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.differentiate import differentiate
from knoll.ops.elementwise.arithmetic import add, exp, multiply
from knoll.ops.elementwise.comparisons import equal

FLOAT64 = np.dtype("f8")


def inputs(count: int, shape: tuple[int, ...] = (3,)) -> tuple[Value, ...]:
    return tuple(Value(Spec(shape, FLOAT64)) for _ in range(count))


@given(st.lists(st.sampled_from(["add", "multiply", "relu", "self"]), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_gradients_match_differences(steps: list[str]) -> None:
    a, b = inputs(2)
    value = multiply(a, b)
    for step in steps:
        if step == "relu":
            value = relu(value)
        else:
            value = {"add": lambda v: add(v, a), "multiply": lambda v: multiply(v, b), "self": lambda v: add(v, v)}[
                step
            ](value)
    graph = Graph((a, b), (value,))
    rng = np.random.default_rng(0)
    arrays = [rng.uniform(0.5, 1.5, 3) for _ in range(2)]
    differentiated = differentiate(graph, (0, 1))
    found = evaluate(differentiated.joint, [*arrays, np.ones(3)])[1:]
    for index in differentiated.wrt:
        moved = [array.copy() for array in arrays]
        moved[index] += 1e-6
        slope = (evaluate(graph, moved)[0] - evaluate(graph, arrays)[0]) / 1e-6
        np.testing.assert_allclose(found[differentiated.wrt.index(index)], slope, rtol=1e-3)


def test_only_what_is_reached_has_a_gradient() -> None:
    a, b, c = inputs(3)
    graph = Graph((a, b, c), (add(a, multiply(b, b)), equal(a, c)))
    assert differentiate(graph, (0, 1, 2)).wrt == (0, 1)
    assert differentiate(graph, (1,)).wrt == (1,)


def test_backward_nodes_are_those_that_need_a_gradient() -> None:
    (a,) = inputs(1)
    differentiated = differentiate(Graph((a,), (exp(a),)), (0,))
    assert {node.op.name for node in differentiated.backward_nodes} == {"multiply"}
    assert {node.op.name for node in differentiated.joint.nodes} == {"exp", "multiply"}


def test_what_has_no_gradient_is_refused() -> None:
    (a,) = inputs(1)
    bare = Op("bare", lambda x: (x,), lambda x: (x,))
    with pytest.raises(UnsupportedError, match="operation bare has no gradient"):
        differentiate(Graph((a,), bare.node(a).outputs), (0,))
