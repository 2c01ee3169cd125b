"""Schedules: how the phases of a plan are divided into groups of samples."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Graph, Spec, Value
from knoll.machine import NAMED
from knoll.ops.softmax import softmax
from knoll.plan.lower import lower
from knoll.plan.plan import Phase, Plan
from knoll.run.schedule import PhaseSchedule, Scheduler


def plan() -> Plan:
    x = Value(Spec((8, 10), np.dtype("float32")))
    graph = Graph((x,), (softmax(x, axis=1),))
    return lower(graph, frozenset({x, *graph.outputs}), NAMED["x86-64-v3"])


@pytest.mark.parametrize("threads", [1, 2, 3, 16])
@pytest.mark.parametrize("samples", [1, 2, 7, 16, 19, 40])
def test_groups_have_every_sample_and_none_is_empty(samples: int, threads: int) -> None:
    made = plan()
    schedule = Scheduler(made).schedule(made.forward[0], samples, threads)
    assert (schedule.groups - 1) * schedule.size < samples <= schedule.groups * schedule.size
    assert schedule.data_parallel == (schedule.groups >= threads)


def test_steps_that_threads_share_are_one_group() -> None:
    shared = Phase("forward combine", (), by_samples=False)
    assert Scheduler(plan()).schedule(shared, 40, 2) == PhaseSchedule(1, 1, 1, False)


def test_no_more_than_sixteen_groups_have_partial_sums() -> None:
    assert [Scheduler(plan()).groups(samples) for samples in (1, 16, 17, 1000)] == [1, 16, 9, 16]
