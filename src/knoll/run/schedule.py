"""How the phases of a plan are divided: into groups of samples for threads, and micro-batches within a group."""

from __future__ import annotations

from functools import cached_property, partial
from typing import NamedTuple

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import MICRO_BATCH
from knoll.plan.plan import Kind, Phase, Plan
from knoll.run.lru import kept
from knoll.run.micro_batch import NEAR_BYTES, has_scratch, micro_batch_of, preferred_samples
from knoll.run.phase_cost import PhaseCost
from knoll.run.workspace import Extent

MAX_GROUPS = 16  # groups of samples with partial sums; a constant, so that results do not depend on threads
PARTIAL_SUM_BYTES = 40 << 20  # limit for the partial sums of all groups that are live together
MOST_COMPARED = 64  # samples of a group whose time is estimated: where more fit the first-level cache, a call is short
MAX_RELATIVE_TIME = 0.94  # that another schedule may take, of the usual one, both by the estimate
MAX_EXTENTS = 64  # pairs of a batch size and a number of threads whose workspace sizes are remembered


class PhaseSchedule(NamedTuple):
    """How a phase is divided: `samples` in `groups` of `size`.

    One thread takes each of the first `whole` groups through all steps; all threads share the steps of the others.
    """

    samples: int
    size: int
    groups: int
    whole: int


class Scheduler:
    """The schedules of a plan's phases, and the size of the workspace that they need."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._extents: dict[tuple[int, int], Extent] = {}
        self._costs: dict[Phase, PhaseCost] = {}

    def schedule(self, phase: Phase, samples: int, threads: int) -> PhaseSchedule:
        """The schedule of a phase. If it has partial sums, the groups do not depend on the number of threads."""
        if not phase.by_samples:
            return PhaseSchedule(1, 1, 1, 0)
        cycles = partial(self._cycles, phase, threads=threads)
        if phase.sums and samples:
            size = ceil_div(samples, self.groups(samples))
            return min(self._divided(samples, size, threads), key=cycles)
        most = min(samples, max(MICRO_BATCH, self._micro_batch))
        usual = self._divided(samples, self._usual_size(samples, threads), threads)[0]
        sizes = range(1, most + 1) if most <= MOST_COMPARED else ()
        others = [each for size in sizes for each in self._divided(samples, size, threads)]
        best = min(others, key=cycles, default=usual)
        return best if cycles(best) < MAX_RELATIVE_TIME * cycles(usual) else usual

    def _usual_size(self, samples: int, threads: int) -> int:
        """The samples of a group: enough groups that a thread which is late leaves some to the others."""
        size = min(max(samples // (4 * threads), 1), MICRO_BATCH)
        if self._micro_batch > MICRO_BATCH:
            size = max(size, min(ceil_div(samples, threads), self._micro_batch))
        return size

    def _divided(self, samples: int, size: int, threads: int) -> list[PhaseSchedule]:
        """The schedules of groups of one size: all whole, all but those that would keep some threads waiting, none."""
        groups = ceil_div(samples, size)
        if threads == 1:
            return [PhaseSchedule(samples, size, groups, groups)]
        wholes = (groups, groups - groups % threads, 0) if groups >= threads else (0,)
        return [PhaseSchedule(samples, size, groups, whole) for whole in dict.fromkeys(wholes)]

    def _cycles(self, phase: Phase, schedule: PhaseSchedule, threads: int) -> float:
        """An estimate of the cycles that a phase takes."""
        cost = self._costs.get(phase) or self._costs.setdefault(phase, PhaseCost.of(phase))
        samples, size, groups, whole = schedule
        rounds, last = ceil_div(whole, threads), samples - (groups - 1) * size
        changed = cost.changed if whole > 1 and threads > 1 else 0.0  # by one of the threads that read it
        if whole < groups:
            shared = (groups - whole - 1) * cost.shared(size, threads) + cost.shared(last, threads)
            return changed + rounds * cost.alone(size) + shared
        ends_short = (groups - 1) % threads == 0  # the last group is alone in its round
        return changed + (rounds - ends_short) * cost.alone(size) + ends_short * cost.alone(last)

    def micro_batch(self, phase: Phase, usual: int) -> int:
        """The micro-batch of a phase: more than the usual one where it wants more, and needs no scratch memory."""
        return usual if has_scratch(phase) else max(usual, preferred_samples(phase))

    def groups(self, samples: int) -> int:
        """The number of groups of samples with partial sums; it depends only on the model and the batch size."""
        return ceil_div(samples, max(1, self._least_group, ceil_div(samples, self._max_groups)))

    def extent(self, samples: int, threads: int) -> Extent:
        """The size of the workspace that a call needs."""
        extent = self._extents.get((samples, threads))
        if extent is None:
            extent = kept(self._extents, (samples, threads), self._extent(samples, threads), MAX_EXTENTS)
        return extent

    def _extent(self, samples: int, threads: int) -> Extent:
        has = {buffer.kind for buffer in self._plan.buffers}
        phases = (*self._plan.forward, *self._plan.backward)
        schedules = [self.schedule(phase, samples, threads) for phase in phases]
        micro_batch = max((min(schedule.size, self._micro_batch) for schedule in schedules), default=1)
        if self._micro_batch * self._plan.bytes_for_each(Kind.SCRATCH) <= NEAR_BYTES:
            micro_batch = self._micro_batch  # so little that all numbers of samples share one workspace
        scratch = threads if any(schedule.whole for schedule in schedules) else 1
        return Extent(
            samples if Kind.SAVED in has else 0,
            self.groups(samples) if Kind.PARTIAL in has else 0,
            micro_batch,
            scratch,
            threads if Kind.TEMPORARY in has else 0,
        )

    @cached_property
    def _micro_batch(self) -> int:
        return micro_batch_of(self._plan)

    @cached_property
    def _least_group(self) -> int:
        """The samples that a group has at least, if there are so many: those for which weights are read once."""
        phases = (*self._plan.forward, *self._plan.backward)
        return max((preferred_samples(phase) for phase in phases if phase.sums), default=1)

    @cached_property
    def _max_groups(self) -> int:
        each = self._plan.bytes_for_each(Kind.PARTIAL)
        return max(1, min(MAX_GROUPS, PARTIAL_SUM_BYTES // each if each else MAX_GROUPS))
