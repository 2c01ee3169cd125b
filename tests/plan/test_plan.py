"""Buffers, steps, phases and plans: sizes, kinds, and how they print."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Graph
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.plan.plan import Buffer, Kind
from planned import SLIDE, plan_of, value


@pytest.mark.parametrize("element", ["uint8", "uint16", "int32", "float32", "float64", "int64"])
def test_buffers_are_counted_in_bytes(element: str) -> None:
    assert Buffer(0, Kind.SCRATCH, element, 10, "x").bytes == 10 * np.dtype(element).itemsize


def graph() -> Graph:
    x, w = value(2, 3, 6, 6), value(8, 3, 3, 3)
    return Graph((x, w), (relu(conv2d(x, w, **SLIDE)),))


def test_the_caller_finds_its_arrays() -> None:
    plan = plan_of(graph(), 1)
    assert [buffer.kind for buffer in plan.inputs] == [Kind.BATCH, Kind.CONSTANT]
    assert [buffer.kind for buffer in (*plan.outputs, *plan.doutputs)] == [Kind.BATCH] * 2
    assert [(buffer.kind, buffer.size) for buffer in plan.gradients] == [(Kind.RESULT, 8 * 3 * 9)]
    assert set(plan.of_kind(Kind.BATCH)) >= {plan.inputs[0], *plan.outputs}


def test_only_a_phase_with_partial_sums_depends_on_the_grouping_of_samples() -> None:
    plan = plan_of(graph(), 1)
    assert [phase.sums for phase in plan.forward] == [False]
    assert plan.backward[0].sums


def test_a_plan_prints_its_phases() -> None:
    lines = repr(plan_of(graph())).splitlines()
    assert lines[0] == "prepare (by parts)"
    assert "forward (by samples)" in lines
    assert lines[1].startswith("  pack(input:constant[216], packed:packed[")
