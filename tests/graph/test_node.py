"""Operations, nodes and graphs: order, keys, evaluation, and how they print."""

from __future__ import annotations

import numpy as np

from knoll.graph import Graph, Op, Spec, Value, evaluate
from knoll.ops.elementwise.arithmetic import add, multiply
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.reduction.reduce import sum_

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


def test_operations_with_several_results() -> None:
    pair = Op("pair", lambda x: (x, x), lambda x: (x, 2 * x), lambda _, d0, d1: (d1 if d0 is None else d0,))
    (a,) = inputs(1)
    node = pair.node(a)
    assert node.outputs is node.outputs
    assert evaluate(Graph((a,), (node.outputs[1],)), [np.ones(3)])[0].tolist() == [2, 2, 2]
    assert repr(node) == "pair[input:float64[3]]"
