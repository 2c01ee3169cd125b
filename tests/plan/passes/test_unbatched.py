"""What has no batch axis, a line of numbers or a softmax over samples: machine code between two changes of shape."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import arrays_for, close, value
from knoll.graph import Graph, Op, evaluate
from knoll.machine import host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.activation.softmax import log_softmax, safe_softmax, softmax
from knoll.ops.differentiate import differentiate
from knoll.ops.linear_algebra.linear import linear
from knoll.plan.passes.unbatched import batch_unbatched
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.partitioned import PartitionedProgram
from knoll.run.reference import ReferenceProgram


def check(graph: Graph, wrt: tuple[int, ...]) -> None:
    """Assert that a graph is machine code between two changes of shape, and right, forward and backward."""
    program, arrays = build(graph, wrt, host()), arrays_for(graph)
    assert isinstance(program, PartitionedProgram)
    assert [type(segment.program) for segment in program.partitions] == [
        ReferenceProgram,
        CompiledProgram,
        ReferenceProgram,
    ]
    (mine,), saved = program.forward(arrays)
    close(mine, evaluate(graph, arrays)[0])
    meaning = ReferenceProgram(graph, differentiate(graph, wrt))
    truths = meaning.backward(meaning.forward(arrays)[1], [np.cos(mine)])
    for found, truth in zip(program.backward(saved, [np.cos(mine)]), truths, strict=True):
        close(found, truth)


def test_a_line_is_a_batch_of_one() -> None:
    x, w, b, v = (value("float64", *shape) for shape in ((7,), (5, 7), (5,), (3, 5)))
    check(Graph((x, w, b, v), (relu(linear(relu(linear(x, w, b)), v)),)), (0, 1, 2, 3))


@pytest.mark.parametrize("op", [softmax, log_softmax, safe_softmax])
@pytest.mark.parametrize("shape", [(1500,), (64, 40), (3, 5, 7, 20)])
def test_softmax_over_samples_has_a_batch_of_one(op: Op, shape: tuple[int, ...]) -> None:
    x = value("float64", *shape)
    check(Graph((x,), (relu(op(x, axis=0)),)), (0,))


def test_few_numbers_stay_as_they_are() -> None:
    x = value("float64", 30, 2)
    graph = Graph((x,), (softmax(x, axis=0),))
    assert batch_unbatched(graph) is graph
    assert isinstance(build(graph, (0,), host()), ReferenceProgram)
