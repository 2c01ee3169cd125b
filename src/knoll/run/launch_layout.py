"""The layout of launches: phases as jobs, with tables of their steps, and of base addresses in a workspace."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np

from knoll.graph import Array
from knoll.kernels.kernel import Kernel
from knoll.llvm.code import Code
from knoll.plan.plan import Kind, Phase, Plan
from knoll.run.launch import Job, Launch, Signature
from knoll.run.lru import kept
from knoll.run.schedule import Scheduler
from knoll.run.step_table import StepTable, step_table
from knoll.run.workspace import Workspace, address

CACHE_LINE_WORDS = 8  # padding that avoids false sharing between threads
MAX_LAUNCHES = 256  # batch sizes that are laid out for one workspace; each takes some kilobytes

Launches: TypeAlias = dict[Hashable, Launch]  # by the phases, the number of samples and of threads


class LaunchLayout:
    """The layout of the launches of one program, whose machine code is in `codes`, by kernels' specifications."""

    scheduler: Scheduler

    def __init__(self, plan: Plan, codes: Mapping[str, Code]) -> None:
        self.scheduler = Scheduler(plan)
        self._plan, self._codes = plan, codes
        self._tables: dict[tuple[Phase, int], StepTable] = {}
        most = max((step.arguments for phase in plan.phases for step in phase.steps), default=0)
        # A thread's row of bases: addresses of buffers, then, in other cache lines, the arguments of a step
        self._arguments = len(plan.buffers) + CACHE_LINE_WORDS
        self._width = self._arguments + most + CACHE_LINE_WORDS

    def launch(
        self,
        launches: Launches,
        phases: tuple[Phase, ...],
        samples: int,
        threads: int,
        space: Workspace | None,
        signature: Callable[[int], Signature],
    ) -> Launch:
        """The launch of phases for this memory, which no two calls use at once; its signature follows from samples."""
        key = phases, samples, threads
        launch = launches.get(key)
        if launch is None:
            launch = self.new(phases, samples, threads, space, signature(samples))
            kept(launches, key, launch, MAX_LAUNCHES)
        return launch

    def forget(self, phase: Phase) -> None:
        """Drop the table of a phase that one thread runs."""
        self._tables.pop((phase, 1), None)

    def new(
        self,
        phases: Sequence[Phase],
        samples: int,
        threads: int,
        space: Workspace | None,
        signature: Signature,
        keep_alive: object = None,
    ) -> Launch:
        """A launch that is not remembered; `keep_alive` lives as long as it does."""
        bases: dict[bool, Array] = {}  # one for all phases of a kind
        tables: list[StepTable] = []
        jobs = [
            job for phase in phases if phase.steps for job in self._jobs(phase, samples, threads, space, bases, tables)
        ]
        return Launch(jobs, threads, bases.values(), signature, (keep_alive, tables, bases))

    def _address(self, kernel: Kernel) -> int:
        """The address of the machine code of a kernel."""
        return self._codes[kernel.specification].address(kernel.name)

    def _table(self, phase: Phase, sharing: int) -> StepTable:
        """The table of a phase whose steps so many threads share."""
        key = phase, sharing if phase.fusions else 1
        if key not in self._tables:
            self._tables[key] = step_table(phase, self._address, sharing)
        return self._tables[key]

    def _jobs(
        self,
        phase: Phase,
        samples: int,
        threads: int,
        space: Workspace | None,
        bases: dict[bool, Array],
        tables: list[StepTable],
    ) -> Iterator[Job]:
        """The jobs of one phase: groups that a thread takes whole, then those whose steps all share.

        `bases` are by whether groups are taken whole, `tables` those of the jobs so far.
        """
        scheduler = self.scheduler
        schedule = scheduler.schedule(phase, samples, threads)
        has_scratch = space is not None and threads <= space.extent.scratch  # a thread may be missing when it is made
        chunk = min(schedule.size, scheduler.micro_batch(phase, space.extent.micro_batch)) if space else 1
        whole = schedule.whole if has_scratch else 0
        for first, last, by_samples in ((0, whole, True), (whole, schedule.groups, False)):
            if first == last:
                continue
            if by_samples not in bases:
                bases[by_samples] = self._bases(space, threads, by_samples)
            tables.append(self._table(phase, 1 if by_samples else threads))
            yield Job(
                schedule.samples,
                schedule.size,
                chunk,
                last,
                int(by_samples),
                tables[-1].entries,
                address(tables[-1].words),
                address(bases[by_samples]),
                self._width,
                scheduler.groups(samples),
                samples,
                self._arguments,
                first,
            )

    def _bases(self, space: Workspace | None, threads: int, by_samples: bool) -> Array:
        """A row for each thread: the base address of each buffer, then space for the arguments of a step.

        Threads that share each step use the same scratch, but their own temporaries.
        """
        bases = np.zeros((threads, self._width), np.int64)
        if space is not None:
            bases[:, list(space.addresses)] = list(space.addresses.values())
            numbers, places = self._scratch
            if numbers:
                scratch = np.array([address(memory) for memory in space.scratch[: threads if by_samples else 1]])
                bases[:, numbers] = scratch[:, None] + places * space.extent.micro_batch
            if self._temporaries:
                bases[:, self._temporaries] = np.array([address(memory) for memory in space.temporaries[:threads]])[
                    :, None
                ]
        return bases

    @cached_property
    def _scratch(self) -> tuple[list[int], Array]:
        """The numbers of scratch buffers, and their offsets in bytes per sample of a micro-batch."""
        mine = self._plan.of_kind(Kind.SCRATCH)
        return [b.number for b in mine], np.array([b.offset for b in mine], np.int64)

    @cached_property
    def _temporaries(self) -> list[int]:
        return [b.number for b in self._plan.of_kind(Kind.TEMPORARY)]
