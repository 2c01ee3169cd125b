"""Published networks run in machine code throughout, in inference and in training, and mean the same."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from against_meaning import close
from knoll.graph import Array, Graph
from knoll.machine import host
from knoll.ops.differentiate import differentiate
from knoll.plan.passes import simplify
from knoll.plan.roles.batch_axis import batched_values
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import ReferenceProgram
from knoll.tensor.record import traced
from networks import NETWORKS


def recorded(name: str, training: bool, dtype: str = "float32") -> tuple[Graph, tuple[int, ...], list[Array]]:
    """A network as a graph, the inputs that get a gradient, and its numbers."""
    knoll.manual_seed(0)
    net = NETWORKS[name](knoll).train(training)
    x = knoll.randn(3, 3, 32, 32)
    if dtype == "float64":
        net, x = net.double(), x.double()
    graph, leaves = traced(net, x)
    wrt = tuple(i for i, leaf in enumerate(leaves) if leaf.requires_grad) if training else ()
    return graph, wrt, [leaf.numpy() if leaf is x else leaf.detach().numpy() for leaf in leaves]


@pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])
@pytest.mark.parametrize("name", NETWORKS)
def test_no_node_runs_in_numpy(name: str, training: bool) -> None:
    graph, wrt, _ = recorded(name, training)
    graph = simplify(graph, training)
    assert batched_values(differentiate(graph, wrt).joint if training else graph) is not None


@pytest.mark.parametrize("name", ["senet", "shufflenet_v2", "dpn", "resnet20", "convnext", "cbam"])
def test_outputs_and_gradients_are_as_meant(name: str) -> None:
    graph, wrt, arrays = recorded(name, training=True, dtype="float64")
    program, meaning = build(graph, wrt, host()), ReferenceProgram(graph, differentiate(graph, wrt))
    assert isinstance(program, CompiledProgram)
    outputs, saved = program.forward(arrays)
    truths, known = meaning.forward(arrays)
    seeds = [np.random.default_rng(1).standard_normal(truth.shape) for truth in truths]
    gradients = program.backward(saved, seeds), meaning.backward(known, seeds)
    for mine, truth in zip((*outputs, *gradients[0]), (*truths, *gradients[1]), strict=True):
        close(mine, truth)
