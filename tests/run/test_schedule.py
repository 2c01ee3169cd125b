"""Schedules: how the phases of a plan are divided into groups of samples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.graph import Graph, Spec, Value
from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import KernelBuilder
from knoll.machine import NAMED, host
from knoll.ops.activation.softmax import softmax
from knoll.plan.lower import lower
from knoll.plan.plan import Buffer, Kind, Phase, Plan, Step
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.phase_cost import CHANGED, CROSSING, STEP, TOGETHER, PhaseCost
from knoll.run.schedule import PhaseSchedule, Scheduler
from knoll.run.threads import get_num_threads, set_num_threads
from knoll.tensor.record import traced


def plan() -> Plan:
    x = Value(Spec((8, 1000), np.dtype("float32")))
    graph = Graph((x,), (softmax(x, axis=1),))
    return lower(graph, frozenset({x, *graph.outputs}), NAMED["x86-64-v3"])


@pytest.mark.parametrize("threads", [1, 2, 3, 16])
@pytest.mark.parametrize("samples", [1, 2, 7, 16, 19, 40])
def test_groups_have_every_sample_and_none_is_empty(samples: int, threads: int) -> None:
    made = plan()
    schedule = Scheduler(made).schedule(made.forward[0], samples, threads)
    assert (schedule.groups - 1) * schedule.size < samples <= schedule.groups * schedule.size
    assert schedule.whole in (schedule.groups, schedule.groups - schedule.groups % threads, 0)
    assert schedule.whole or schedule.groups < threads


def test_steps_that_threads_share_are_one_group() -> None:
    shared = Phase("forward combine", (), by_samples=False)
    assert Scheduler(plan()).schedule(shared, 40, 2) == PhaseSchedule(1, 1, 1, 0)


def forced(size: int, kind: int, phase: Phase, samples: int, threads: int) -> PhaseSchedule:
    """The schedule of groups of a size, of which threads take all, those that go round, or none whole."""
    if not phase.by_samples:
        return PhaseSchedule(1, 1, 1, 0)
    size = 1 if phase.sums else size
    groups = -(-samples // size)
    return PhaseSchedule(samples, size, groups, (groups, groups - groups % threads, 0)[kind])


@dataclass(frozen=True)
class Costly(Kernel):
    """A kernel that says how many cycles a sample takes, and a pass over its weights."""

    cycles: float = 0.0
    weight_cycles: float = 0.0
    changing_bytes: int = 0
    title = "costly"
    pointers = 1

    def emit(self, k: KernelBuilder) -> None:
        """Nothing."""


def phase(sample: float, weights: float, activations: int = 0, steps: int = 10, changing: int = 0) -> Phase:
    """A phase of equal steps: cycles of a sample and of a pass over the weights, bytes of activations of a sample.

    So many bytes of weights change in every step.
    """
    kernel = Costly(NAMED["x86-64-v4"], "float32", sample / steps, weights / steps, changing // steps)
    buffer = Buffer(0, Kind.SCRATCH, "float32", activations // steps // 4, "y")
    return Phase("forward", (Step(kernel, (buffer,)),) * steps, by_samples=True)


def divided(made: Phase, samples: int, threads: int) -> tuple[int, int]:
    """The size of the groups, and how many of them threads take whole."""
    schedule = Scheduler(plan()).schedule(made, samples, threads)
    return schedule.size, schedule.whole


def test_what_would_keep_a_thread_waiting_is_shared() -> None:
    large, small, copying = phase(4e7, 0), phase(1e4, 0), phase(2e6, 0, activations=1 << 28)
    assert [divided(large, n, 2) for n in (2, 3, 5, 64)] == [(1, 2), (1, 2), (1, 4), (16, 4)]
    assert [divided(small, n, 2) for n in (2, 3, 5)] == [(1, 2), (2, 2), (3, 2)], "waiting costs more"
    assert [divided(copying, n, 2) for n in (2, 3, 5)] == [(1, 2), (1, 3), (1, 5)], "it would cross from core to core"


def test_samples_share_passes_over_costly_weights() -> None:
    weights = phase(1e6, 1e7)
    assert [divided(weights, n, 1) for n in (1, 3, 4, 9)] == [(1, 1), (3, 1), (4, 1), (9, 1)]
    assert [divided(weights, n, 2) for n in (1, 3, 4)] == [(1, 0), (3, 0), (4, 0)], "threads share them, too"


def test_weights_that_change_stay_with_the_thread_that_changed_them() -> None:
    still, changing = phase(1e6, 0), phase(1e6, 0, changing=10 << 20)
    assert [divided(still, n, 2)[1] > 0 for n in (4, 8)] == [True, True]
    assert [divided(changing, n, 2)[1] for n in (4, 8)] == [0, 0]
    assert PhaseCost.of(changing).changed == CHANGED * (10 << 20) // 10 * 10
    assert divided(changing, 8, 1) == divided(still, 8, 1), "one thread reads what it changed itself"


def test_the_cost_of_a_phase_is_that_of_its_kernels() -> None:
    cost = PhaseCost.of(phase(1e6, 2e6, activations=1 << 22))
    assert (cost.sample, cost.weights, cost.activations, cost.fits, cost.steps) == (1e6, 2e6, 4 * 104857 * 10, 2, 10)
    assert cost.alone(2) == 4e6, "the cache holds two samples"
    assert cost.alone(3) == 5e6 + TOGETHER * 3 * cost.activations
    assert cost.shared(4, 2) == (6e6 + CROSSING * 4 * cost.activations) / 2 + STEP * 10
    assert PhaseCost.of(phase(1, 0)).fits == NAMED["x86-64-v4"].caches.second, "nothing fills the cache"
    assert PhaseCost.of(Phase("forward", (), by_samples=True)) == PhaseCost(0, 0, 0, 0, 1, 0)


@pytest.mark.parametrize(
    ("samples", "threads", "rounds"), [(7, 3, (2, 1)), (9, 3, (2, 2)), (7, 4, (2,)), (5, 2, (2, 1))]
)
def test_the_last_round_is_short_where_the_last_group_is_alone_in_it(
    samples: int, threads: int, rounds: tuple[int, ...]
) -> None:
    """Groups of two samples that threads take whole."""
    made, groups = phase(1e6, 5e5), -(-samples // 2)
    found = Scheduler(plan())._cycles(made, PhaseSchedule(samples, 2, groups, groups), threads)
    assert found == sum(PhaseCost.of(made).alone(count) for count in rounds)


@pytest.mark.parametrize("samples", [1, 2, 3, 5])
def test_every_division_gives_the_same_numbers(samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    net = nn.Sequential(nn.Conv2d(3, 20, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(20, 40, 3), nn.Flatten())
    graph, leaves = traced(net, x := knoll.randn(samples, 3, 12, 12))
    arrays = [leaf.numpy() if leaf is x else leaf.detach().numpy() for leaf in leaves]
    wrt = tuple(i for i, leaf in enumerate(leaves) if leaf.requires_grad)
    before, found = get_num_threads(), []
    try:
        for threads, size, kind in product((1, 2, 3), range(1, samples + 1), range(3)):
            set_num_threads(threads)
            monkeypatch.setattr(CompiledProgram, "threads", lambda *_: get_num_threads())
            monkeypatch.setattr(Scheduler, "schedule", partial(forced, size, kind))
            program = build(graph, wrt, host())
            (y,), saved = program.forward(arrays)
            found.append([y, *program.backward(saved, [y])])
    finally:
        set_num_threads(before)
    for others in found[1:]:
        for one, other in zip(found[0], others, strict=True):
            np.testing.assert_array_equal(one, other)


def test_no_more_than_sixteen_groups_have_partial_sums() -> None:
    assert [Scheduler(plan()).groups(samples) for samples in (1, 16, 17, 1000)] == [1, 16, 9, 16]
