"""Extremes along an axis lose their places where nobody reads them, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.graph import Graph, Spec, Value
from knoll.machine import host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.reduction.along_axis import max_along, min_along
from knoll.ops.reduction.first_extreme import first_max, first_min
from knoll.plan.passes.places_unread import drop_unread_places
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import reference_program
from knoll.tensor.record import traced


def names(graph: Graph) -> list[str]:
    """The operations in order."""
    return [node.op.name for node in graph.nodes]


def floats(*shape: int) -> Value:
    """An input."""
    return Value(Spec(shape, np.dtype(np.float32)))


def test_places_that_nobody_reads() -> None:
    x = floats(2, 3, 4)
    highest, lowest = max_along.node(x, axis=-2).outputs[0], min_along.node(x, axis=1).outputs[0]
    after = drop_unread_places(Graph((x,), (relu(highest), lowest)))
    assert names(after) == [first_max.name, relu.name, first_min.name]
    assert after.nodes[0].attributes == {"axis": 1}


def test_places_that_are_a_result_or_read_stay() -> None:
    x = floats(2, 3)
    value, place = max_along.node(x, axis=1).outputs
    graph = Graph((x,), (value, place))
    assert drop_unread_places(graph) is graph
    whole = Value(Spec((2, 3), np.dtype(np.int64)))
    graph = Graph((whole,), (max_along.node(whole, axis=1).outputs[0],))
    assert drop_unread_places(graph) is graph


class ChannelAttention(nn.Module):
    """The mean and the largest of all channels, as spatial attention has them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 3, padding=1)

    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        """A gate for each pixel."""
        highest, _ = knoll.max(x, dim=1, keepdim=True)
        return knoll.sigmoid(self.conv(knoll.cat([x.mean(1, keepdim=True), highest], dim=1)))


@pytest.mark.parametrize("wanted", [(), (0, 1, 2)])
def test_spatial_attention_is_one_program(wanted: tuple[int, ...]) -> None:
    graph, leaves = traced(ChannelAttention(), knoll.randn(2, 5, 6, 6))
    program, reference = build(graph, wanted, host()), reference_program(graph, wanted)
    assert isinstance(program, CompiledProgram)
    arrays = [leaf.detach().numpy() for leaf in leaves]
    (y,), saved = program.forward(arrays)
    (truth,), known = reference.forward(arrays)
    np.testing.assert_allclose(y, truth, rtol=1e-5, atol=1e-6)
    if wanted:
        gradients = zip(program.backward(saved, [y]), reference.backward(known, [y]), strict=True)
        for ours, theirs in gradients:
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
