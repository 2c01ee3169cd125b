"""Passes leave the meaning of a graph as it is."""

from __future__ import annotations

import pytest

from against_meaning import same_meaning
from knoll.graph import Graph
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.shapes.reshape import stop_gradient
from knoll.plan.passes import PASSES, Pass, simplify
from planned import POOL
from simplified import image


def test_passes_run_in_the_order_of_their_page_and_tell_what_they_change() -> None:
    x = image()
    graph = Graph((x,), (max_pool2d.node(stop_gradient(relu(x)), **POOL).outputs[0],))
    seen: list[str] = []
    simplify(graph, False, lambda each, after: seen.append(each.name) or same_meaning(graph, after))
    assert seen == ["drop_stop_gradient", "pool_before_activations"]
    inference_only = [each.name for each in PASSES if each.inference_only]
    assert inference_only == ["drop_stop_gradient", "fold_batch_norm"]


@pytest.mark.parametrize("each", PASSES, ids=lambda each: each.name)
def test_a_pass_that_changes_nothing_returns_the_same_graph(each: Pass) -> None:
    x = image()
    graph = Graph((x,), (add(x, x),))
    assert each.run(graph) is graph
    assert each.sentence
