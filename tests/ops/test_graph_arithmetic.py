"""Formulas as graphs: the same function as the operation, made of operations that have gradients."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from backends import flat
from table import CASES

import knoll
from knoll.graph import Array, Graph, Node, Value, evaluate
from knoll.graph.node import evaluate_nodes
from knoll.ops.differentiate import differentiate
from knoll.ops.graph_arithmetic import as_graph
from knoll.tensor.record import traced_results

FAR = [-1e4, -100.0, -20.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 20.0, 100.0, 1e4]


@cache
def differentiated_by_formula() -> dict[str, tuple[Node, list[Array]]]:
    """An example of each operation in the gradient of a layer that has a formula alone, with its operands."""
    found: dict[str, tuple[Node, list[Array]]] = {}
    random = np.random.default_rng(0)
    for case in CASES:
        layer = case.build("float64").train(not case.random)
        inputs = [knoll.tensor(x, requires_grad=x.dtype.kind == "f") for x in case.arrays("float64")]
        graph, leaves = traced_results(lambda *given, layer=layer: flat(layer(*given))[:1], *inputs)
        both = differentiate(graph, tuple(i for i, value in enumerate(graph.inputs) if value.spec.is_float))
        known = {value: leaf.detach().numpy() for value, leaf in zip(graph.inputs, leaves, strict=True)}
        known |= {seed: random.standard_normal(seed.spec.shape) for seed in both.joint.inputs[len(graph.inputs) :]}
        evaluate_nodes(both.joint.nodes, known)
        for node in both.joint.nodes:
            op = node.op
            if op.formula is not None and op.gradient is None and op.composition is None:
                found[op.name] = node, [known[value] for value in node.inputs]
    return found


def as_meant(node: Node, operands: list[Array]) -> None:
    """Hold the graph against the meaning."""
    inputs = tuple(Value(value.spec) for value in node.inputs)
    (y,) = evaluate(Graph(inputs, (as_graph(node, inputs),)), operands)
    (expected,) = node.op.meaning(*operands, **node.attributes)
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-15)


def test_the_graph_of_a_formula_is_its_meaning() -> None:
    examples = differentiated_by_formula()
    assert {"gelu_dx", "huber_slope", "leaky_relu_dx", "logits_slope", "prelu_dx", "xlogy_dx"} <= examples.keys()
    for node, operands in examples.values():
        as_meant(node, operands)


@pytest.mark.parametrize("name", ["silu_dx", "mish_dx", "gelu_dx", "gelu_tanh_dx", "elu_dx", "softplus_dx_from_input"])
def test_far_from_zero(name: str) -> None:
    node, (dy, x, *rest) = differentiated_by_formula()[name]
    as_meant(node, [dy, np.resize(FAR, x.shape), *rest])
