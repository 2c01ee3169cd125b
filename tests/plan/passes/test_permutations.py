"""Permutations that follow each other are one, or none."""

from __future__ import annotations

import numpy as np

from knoll.graph import Graph, evaluate
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.shapes.reshape import permute
from knoll.plan.passes.permutations import merge_permutations
from planned import value


def test_two_are_one() -> None:
    x = value(2, 3, 4, 5)
    graph = Graph((x,), (exp(permute(permute(x, axes=(0, 2, 3, 1)), axes=(0, 3, 2, 1))),))
    after = merge_permutations(graph)
    assert [(node.op.name, node.attributes) for node in after.nodes] == [
        ("permute", {"axes": (0, 1, 3, 2)}),
        ("exp", {}),
    ]
    array = np.arange(120.0).reshape(x.spec.shape)
    np.testing.assert_array_equal(evaluate(after, [array])[0], evaluate(graph, [array])[0])


def test_there_and_back_is_nothing() -> None:
    x = value(2, 3, 4)
    turned = permute(x, axes=(0, 2, 1))
    assert merge_permutations(Graph((x,), (permute(turned, axes=(0, 2, 1)),))).outputs == (x,)
    three = merge_permutations(Graph((x,), (permute(permute(turned, axes=(0, 2, 1)), axes=(0, 2, 1)),)))
    assert [node.op.name for node in three.nodes] == ["permute"]


def test_one_alone_stays() -> None:
    x = value(2, 3, 4)
    graph = Graph((x,), (exp(permute(x, axes=(0, 2, 1))),))
    assert merge_permutations(graph) is graph
