"""Graphs: order, keys, evaluation, and gradients that are graphs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import UnsupportedError
from knoll.graph import Graph, Op, Spec, Value, Window, evaluate, gradient
from knoll.ops.elementwise import add, equal, exp, multiply, relu, relu_dx
from knoll.ops.linear import linear
from knoll.ops.reduce import sum_

FLOAT64 = np.dtype("f8")


def inputs(count: int, shape: tuple[int, ...] = (3,)) -> tuple[Value, ...]:
    return tuple(Value(Spec(shape, FLOAT64)) for _ in range(count))


def test_nodes_stand_after_what_they_read() -> None:
    a, b = inputs(2)
    c = add(a, b)
    d = multiply(c, c)
    graph = Graph((a, b), (add(d, c),))
    seen: set[Value] = {a, b}
    for node in graph.nodes:
        assert set(node.inputs) <= seen
        seen |= set(node.outputs)
    assert [node.op.name for node in graph.nodes] == ["add", "multiply", "add"]


def test_depth_is_no_limit() -> None:
    (a,) = inputs(1)
    value = a
    for _ in range(5000):
        value = add(value, a)
    graph = Graph((a,), (value,))
    assert len(graph.nodes) == 5000
    assert evaluate(graph, [np.ones(3)])[0].tolist() == [5001] * 3


def test_keys_are_equal_for_equal_graphs() -> None:
    def build(shape: tuple[int, ...] = (3,), axes: tuple[int, ...] = (0,), swap: bool = False) -> Graph:
        a, b = inputs(2, shape)
        return Graph((a, b), (sum_(add(b, a) if swap else add(a, b), axes=axes, keep=False),))

    assert build().key == build().key
    assert build().key != build(swap=True).key
    assert build().key != build(shape=(4,)).key
    assert build().key != build(axes=()).key
    assert hash(build().key) == hash(build().key)


def test_readers_and_cost() -> None:
    x, w = Value(Spec((5, 3), FLOAT64)), Value(Spec((2, 3), FLOAT64))
    y = linear(x, w)
    graph = Graph((x, w), (add(y, y),))
    assert [node.op.name for node in graph.readers[x]] == ["linear"]
    assert len(graph.readers[y]) == 2
    assert graph.cost == 5 * 3 * 2


def test_graphs_print_themselves() -> None:
    (a,) = inputs(1)
    text = repr(Graph((a,), (sum_(a, axes=(0,), keep=False),)))
    assert text == "%0 = input float64[3]\n%1 = sum(%0, axes=(0,), keep=False) float64[]\nreturn %1"


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
    differentiated = gradient(graph, (0, 1), add)
    found = evaluate(differentiated.joint, [*arrays, np.ones(3)])[1:]
    for index in differentiated.wanted:
        moved = [array.copy() for array in arrays]
        moved[index] += 1e-6
        slope = (evaluate(graph, moved)[0] - evaluate(graph, arrays)[0]) / 1e-6
        np.testing.assert_allclose(found[differentiated.wanted.index(index)], slope, rtol=1e-3)


def test_only_what_is_reached_has_a_gradient() -> None:
    a, b, c = inputs(3)
    graph = Graph((a, b, c), (add(a, multiply(b, b)), equal(a, c)))
    assert gradient(graph, (0, 1, 2), add).wanted == (0, 1)
    assert gradient(graph, (1,), add).wanted == (1,)


def test_backward_nodes_are_those_that_need_a_gradient() -> None:
    (a,) = inputs(1)
    differentiated = gradient(Graph((a,), (exp(a),)), (0,), add)
    assert {node.op.name for node in differentiated.backward_nodes} == {"multiply"}
    assert {node.op.name for node in differentiated.joint.nodes} == {"exp", "multiply"}


def test_second_derivatives_are_refused() -> None:
    a, b = inputs(2)
    with pytest.raises(UnsupportedError, match="operation relu_dx has no gradient"):
        gradient(Graph((a, b), (relu_dx(a, b),)), (0,), add)


def test_operations_with_several_results() -> None:
    pair = Op("pair", lambda x: (x, x), lambda x: (x, 2 * x), lambda _, d0, d1: (d1 if d0 is None else d0,))
    (a,) = inputs(1)
    node = pair.node(a)
    assert node.outputs is node.outputs
    assert evaluate(Graph((a,), (node.outputs[1],)), [np.ones(3)])[0].tolist() == [2, 2, 2]
    assert repr(node) == "pair[input:float64[3]]"


@given(
    kernel=st.integers(1, 5), stride=st.integers(1, 4), padding=st.integers(0, 3), dilation=st.integers(1, 3),
    size=st.integers(1, 20),
)  # fmt: skip
def test_windows_are_counted_by_walking(kernel: int, stride: int, padding: int, dilation: int, size: int) -> None:
    window = Window(kernel, stride, padding, padding, dilation)
    last = size + padding - window.span
    walked = len(range(-padding, last + 1, stride))
    assert max(window.positions(size), 0) == walked
    if walked:
        assert window.start(0) == -padding
        assert window.start(walked - 1) <= last
