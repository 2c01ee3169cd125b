"""How the phases of a plan are divided: into groups of samples for threads, and micro-batches within a group."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import MICRO_BATCH
from knoll.plan.plan import Kind, Phase, Plan
from knoll.run.lru import kept
from knoll.run.micro_batch import has_scratch, micro_batch_of, wanted_by
from knoll.run.workspace import Extent

MAX_GROUPS = 16  # groups of samples with partial sums; a constant, so that results do not depend on threads
PARTIAL_SUM_BYTES = 40 << 20  # limit for the partial sums of all groups that are live together
MAX_EXTENTS = 64  # pairs of a batch size and a number of threads whose workspace sizes are remembered


class PhaseSchedule(NamedTuple):
    """How a phase is divided: `samples` in `groups` of `size`.

    If `data_parallel`, each thread takes whole groups; otherwise all threads share each step of a group.
    """

    samples: int
    size: int
    groups: int
    data_parallel: bool


class Scheduler:
    """The schedules of a plan's phases, and the size of the workspace that they need."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._extents: dict[tuple[int, int], Extent] = {}

    def schedule(self, phase: Phase, samples: int, threads: int) -> PhaseSchedule:
        """The schedule of a phase. If it has partial sums, the groups do not depend on the number of threads."""
        if not phase.by_samples:
            return PhaseSchedule(1, 1, 1, False)
        size = min(max(samples // (4 * threads), 1), MICRO_BATCH)
        if self._micro_batch > MICRO_BATCH:
            size = max(size, min(ceil_div(samples, threads), self._micro_batch))
        if phase.sums and samples:
            size = ceil_div(samples, self.groups(samples))
        groups = ceil_div(samples, size)
        return PhaseSchedule(samples, size, groups, groups >= threads)

    def micro_batch(self, phase: Phase, usual: int) -> int:
        """The micro-batch of a phase: more than the usual one where it wants more, and needs no scratch memory."""
        return usual if has_scratch(phase) else max(usual, wanted_by(phase))

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
        scratch = threads if any(schedule.data_parallel for schedule in schedules) else 1
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
        return max((wanted_by(phase) for phase in phases if phase.sums), default=1)

    @cached_property
    def _max_groups(self) -> int:
        each = self._plan.bytes_for_each(Kind.PARTIAL)
        return max(1, min(MAX_GROUPS, PARTIAL_SUM_BYTES // each if each else MAX_GROUPS))
