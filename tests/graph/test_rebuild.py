"""Graphs copied node by node, some of them replaced."""

from __future__ import annotations

import numpy as np

from knoll.graph import Graph, Node, Spec, Value, evaluate
from knoll.graph.rebuild import copy_nodes, rebuilt
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.elementwise.arithmetic import add, exp, multiply


def values(count: int) -> tuple[Value, ...]:
    return tuple(Value(Spec((3,), np.dtype(np.float64))) for _ in range(count))


def test_a_rule_that_replaces_nothing_copies_the_graph() -> None:
    x, y = values(2)
    graph = Graph((x, y), (add(multiply(x, y), exp(x)), x))
    copy = rebuilt(graph, lambda _node, _new: None)
    assert copy.key == graph.key
    assert copy.inputs == graph.inputs
    assert not set(copy.nodes) & set(graph.nodes)


def test_what_reads_a_replaced_node_reads_its_replacement() -> None:
    (x,) = values(1)
    graph = Graph((x,), (exp(relu(x)),))

    def doubled(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        return (add(new[node.inputs[0]], new[node.inputs[0]]),) if node.op is relu else None

    after = rebuilt(graph, doubled)
    assert [node.op.name for node in after.nodes] == ["add", "exp"]
    np.testing.assert_array_equal(evaluate(after, [np.arange(3.0)])[0], np.exp(2 * np.arange(3.0)))


def test_copies_read_what_their_inputs_have_become() -> None:
    x, y = values(2)
    node = exp.node(x)
    new = {x: y}
    copy_nodes([node], new)
    assert new[node.outputs[0]].node is not None
    assert new[node.outputs[0]].node.inputs == (y,)
