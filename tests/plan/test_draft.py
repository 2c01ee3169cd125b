"""Where results live: what crosses phases is saved, the rest shares memory, never at the same time."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from knoll.graph import Graph, Spec, Value
from knoll.machine import NAMED
from knoll.ops.activation.relu_sigmoid_tanh import tanh
from knoll.ops.convolution.conv import conv2d
from knoll.ops.differentiate import differentiate
from knoll.plan.lower import lower, lower_differentiated
from knoll.plan.plan import Kind, Plan
from knoll.plan.roles.batch_axis import batched_values

MACHINE = NAMED["x86-64-v4"]
SLIDE = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}


def deep(layers: int) -> Graph:
    x = y = Value(Spec((4, 16, 12, 12), np.dtype(np.float32)))
    weights = [Value(Spec((16, 16, 1, 1), np.dtype(np.float32))) for _ in range(layers)]
    for w in weights:
        y = tanh(conv2d(y, w, **SLIDE))
    return Graph((x, *weights), (y,))


def planned(graph: Graph) -> Plan:
    batch = batched_values(graph)
    assert batch is not None
    return lower(graph, batch, MACHINE)


def test_scratch_is_used_again() -> None:
    def top(plan: Plan) -> int:
        return max(b.offset + b.bytes for b in plan.of_kind(Kind.SCRATCH))

    assert top(planned(deep(12))) == top(planned(deep(3)))


def test_buffers_in_use_together_do_not_overlap() -> None:
    plan = planned(deep(6))
    steps = plan.forward[0].steps
    lives = {
        b.number: [i for i, step in enumerate(steps) if b.number in {s.number for s in step.buffers}]
        for b in plan.of_kind(Kind.SCRATCH)
    }
    for a, b in combinations(plan.of_kind(Kind.SCRATCH), 2):
        apart = max(lives[a.number]) < min(lives[b.number]) or max(lives[b.number]) < min(lives[a.number])
        assert apart or a.offset + a.bytes <= b.offset or b.offset + b.bytes <= a.offset


def test_what_backward_reads_is_saved() -> None:
    graph = deep(2)
    both = differentiate(graph, (1, 2))
    batch = batched_values(both.joint)
    assert batch is not None
    plan = lower_differentiated(both, batch, MACHINE)
    forward = {b.number for step in plan.forward[0].steps for b in step.buffers}
    backward = {b.number for phase in plan.backward for step in phase.steps for b in step.buffers}
    kinds = {b.number: b.kind for b in plan.buffers}
    assert all(kinds[number] is not Kind.SCRATCH for number in forward & backward)
    assert any(kinds[number] is Kind.SAVED for number in forward & backward)
