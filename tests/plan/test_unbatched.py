"""A line of numbers through linear layers: one program of machine code between two changes of shape."""

from __future__ import annotations

import numpy as np

from against_meaning import arrays_for, close, value
from knoll.graph import Graph, evaluate
from knoll.machine import host
from knoll.ops.differentiate import differentiate
from knoll.ops.elementwise import relu
from knoll.ops.linear import linear
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.partitioned import PartitionedProgram
from knoll.run.reference import ReferenceProgram


def test_a_line_is_a_batch_of_one() -> None:
    x, w, b, v = (value("float64", *shape) for shape in ((7,), (5, 7), (5,), (3, 5)))
    graph = Graph((x, w, b, v), (relu(linear(relu(linear(x, w, b)), v)),))
    program, arrays = build(graph, (0, 1, 2, 3), host()), arrays_for(graph)
    assert isinstance(program, PartitionedProgram)
    assert [type(segment.program) for segment in program.partitions] == [
        ReferenceProgram,
        CompiledProgram,
        ReferenceProgram,
    ]
    (mine,), saved = program.forward(arrays)
    close(mine, evaluate(graph, arrays)[0])
    meaning = ReferenceProgram(graph, differentiate(graph, (0, 1, 2, 3)))
    truths = meaning.backward(meaning.forward(arrays)[1], [np.cos(mine)])
    for found, truth in zip(program.backward(saved, [np.cos(mine)]), truths, strict=True):
        close(found, truth)
