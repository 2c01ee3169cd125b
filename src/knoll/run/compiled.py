"""Compiled programs: a plan with its machine code, run forward and backward.

The steps of a phase are encoded once as tables of 64-bit words, which the native run time (workers.ll) reads. A call
fills in the addresses of its arrays and makes one native call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import NamedTuple
from weakref import ref

import numpy as np

from knoll.errors import OutOfMemoryError, ShapeError
from knoll.graph import Array, Graph, Shape, Spec
from knoll.graph.sizes import ceil_div
from knoll.messages import say
from knoll.plan.plan import Buffer, Kind, Phase, Plan
from knoll.run.code_cache import code_of
from knoll.run.index_checks import IndexCheck, index_checks_of
from knoll.run.lru import LRU
from knoll.run.nan_guards import raise_refusal
from knoll.run.packed import PackedParameterCache, PackedParameters
from knoll.run.stamp import Identity, Stamp
from knoll.run.threads import get_num_threads, pool
from knoll.run.workspace import Extent, Workspace, Workspaces, address, addresses_of, aligned

MICRO_BATCH = 4  # samples that a thread takes through the layers together; more do not fit its cache
MAX_GROUPS = 16  # groups of samples with partial sums; a constant, so that results do not depend on threads
PARTIAL_SUM_BYTES = 256 << 20  # limit for the partial sums of all groups
UNIT = {Kind.BATCH: 1, Kind.SAVED: 1, Kind.PARTIAL: 2}
JOB_WORDS = 16
CACHE_LINE_WORDS = 8  # padding that avoids false sharing between threads
STEP_BYTES = 4 << 10  # estimate of a step's part of the plan and the graph, besides its machine code
MAX_EXTENTS = 64  # pairs of a batch size and a number of threads whose workspace sizes are remembered
MAX_REPACKINGS = 8  # sets of packings whose steps are remembered: a training step changes the same parameters


class SavedContext:
    """Values saved by a forward call for its backward pass; when it is freed, its memory returns to the program."""

    program: CompiledProgram
    samples: int
    threads: int
    given: dict[int, Array]
    packed: PackedParameters
    space: Workspace

    def __init__(
        self,
        program: CompiledProgram,
        samples: int,
        threads: int,
        space: Workspace,
        packed: PackedParameters,
        given: dict[int, Array],
    ) -> None:
        self.program, self.samples, self.threads = program, samples, threads
        self.space, self.packed, self.given = space, packed, given

    def __del__(self) -> None:
        self.program.release(self.space, self.packed)

    @property
    def addresses(self) -> dict[int, int]:
        """The addresses of packed parameters and workspace buffers, by buffer number."""
        return self.packed.addresses | self.space.addresses


class CompiledProgram:
    """A compiled program, for a batch of any size."""

    graph: Graph
    nan_guards: int
    plan: Plan
    inputs: list[Spec]
    outputs: list[Spec]
    gradients: list[Spec]
    index_checks: tuple[IndexCheck, ...]
    batch_inputs: tuple[int, ...]

    def __init__(self, graph: Graph, plan: Plan, outputs: int, nan_guards: int = 0) -> None:
        self.graph, self.plan, self.nan_guards = graph, plan, nan_guards
        self.inputs = [value.spec for value in graph.inputs[: len(plan.inputs)]]
        self.outputs = [value.spec for value in graph.outputs[: outputs + nan_guards]]
        self.gradients = [value.spec for value in graph.outputs[outputs + nan_guards :]]
        self.index_checks = index_checks_of(graph)
        most = max((len(step.buffers) for phase in plan.phases for step in phase.steps), default=0)
        self._arguments = (
            len(plan.buffers) + CACHE_LINE_WORDS
        )  # where the arguments of a step begin in a thread's row of bases
        self._width = self._arguments + most + CACHE_LINE_WORDS
        self._codes = {step.kernel: code_of(step.kernel) for phase in plan.phases for step in phase.steps}
        self._extents = LRU[tuple[int, int], Extent](most=MAX_EXTENTS)
        self._tables = {phase: self._table(phase) for phase in plan.phases}
        self.batch_inputs = tuple(i for i, b in enumerate(plan.inputs) if b.kind is Kind.BATCH)
        self._spaces = Workspaces(plan)
        self._packed_parameters = PackedParameterCache(plan, self._spaces)
        self._constants = self._packed_parameters.constants
        self._repackings: dict[tuple[int, ...], Phase] = {}
        self._anonymous = [Identity() for _ in plan.inputs]  # the owners of parameters that come without stamps
        self._anonymous_stamps: list[Stamp] = [(ref(identity), None) for identity in self._anonymous]

    def _table(self, phase: Phase) -> Array:
        words: list[int] = []
        for step in phase.steps:
            function = self._codes[step.kernel].address(step.kernel.name)
            words += [function, step.kernel.parts, int(step.combines), len(step.buffers)]
            for buffer in step.buffers:
                words += [buffer.number, UNIT.get(buffer.kind, 0), buffer.bytes]
        return np.array(words, np.int64)

    # Memory

    def extent(self, samples: int, threads: int) -> Extent:
        """The size of the workspace that a call needs."""
        return self._extents.get((samples, threads), lambda: self._extent(samples, threads))

    def _extent(self, samples: int, threads: int) -> Extent:
        has = {buffer.kind for buffer in self.plan.buffers}
        schedules = [self._schedule(phase, samples, threads) for phase in (*self.plan.forward, *self.plan.backward)]
        micro_batch = max((min(schedule.size, MICRO_BATCH) for schedule in schedules), default=1)
        scratch = threads if any(schedule.data_parallel for schedule in schedules) else 1
        return Extent(
            samples if Kind.SAVED in has else 0,
            self._groups(samples) if Kind.PARTIAL in has else 0,
            micro_batch,
            scratch,
            threads if Kind.TEMPORARY in has else 0,
        )

    def _pack(self, inputs: dict[int, Array], threads: int, stamps: list[Stamp]) -> PackedParameters:
        """The packed parameters; changed ones are packed again, into other memory while a call reads them."""

        def run(numbers: tuple[int, ...], packed: PackedParameters) -> None:
            self._run((self._repacking(numbers),), 1, threads, addresses_of(inputs) | packed.addresses, None)

        return self._packed_parameters.take(stamps, run)

    def _repacking(self, numbers: tuple[int, ...]) -> Phase:
        """The prepare phase restricted to the packings with these numbers."""
        if len(numbers) == len(self._packed_parameters.packings):
            return self.plan.prepare
        if numbers not in self._repackings:
            if len(self._repackings) >= MAX_REPACKINGS:
                for phase in self._repackings.values():
                    del self._tables[phase]
                self._repackings.clear()
            steps = tuple(step for i in numbers for step in self._packed_parameters.packings[i].steps)
            phase = self._repackings[numbers] = replace(self.plan.prepare, steps=steps)
            self._tables[phase] = self._table(phase)
        return self._repackings[numbers]

    def release(self, space: Workspace, packed: PackedParameters) -> None:
        """Return memory for use by the next call."""
        self._packed_parameters.give(packed)
        if self._packed_parameters.is_wanted:
            self._spaces.give(space)

    def compiled_programs(self) -> Iterator[CompiledProgram]:
        """The program itself."""
        yield self

    @cached_property
    def size(self) -> int:
        """An estimate of its own bytes: machine code, plan and graph."""
        steps = sum(len(phase.steps) for phase in self.plan.phases)
        return STEP_BYTES * steps + sum(code.bytes for code in self._codes.values())

    def memory(self, seen: set[int]) -> int:
        """Bytes kept for later calls, but for packed parameters whose ids are in `seen`; new ids are added to it."""
        new = {id(result): result.bytes for result in self._packed_parameters.results() if id(result) not in seen}
        seen.update(new)
        return sum(new.values()) + self._spaces.bytes

    def drop(self, keep: int = 0) -> None:
        """Keep the parameters of only `keep` networks, and only `keep` workspaces."""
        self._packed_parameters.drop(keep)
        self._spaces.drop(keep)

    def _groups(self, samples: int) -> int:
        """The number of groups of samples with partial sums; it depends only on the model and the batch size."""
        return ceil_div(samples, max(1, ceil_div(samples, self._max_groups)))

    @cached_property
    def _max_groups(self) -> int:
        each = sum(b.bytes for b in self.plan.of_kind(Kind.PARTIAL))
        return max(1, min(MAX_GROUPS, PARTIAL_SUM_BYTES // each if each else MAX_GROUPS))

    # Running

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], SavedContext]:
        """Outputs, and the context for backward; an input counts as changed unless its stamp equals the last one."""
        given = [np.ascontiguousarray(a) for a in arrays]
        samples, threads = given[self.batch_inputs[0]].shape[0], get_num_threads()
        if any(given[i].shape[0] != samples for i in self.batch_inputs):
            raise ShapeError(say("run.batches"), came=", ".join(str(given[i].shape) for i in self.batch_inputs))
        for check in self.index_checks:
            given[check.index] = check.checked(given[check.index])
        results = self._results(self.plan.outputs, self.outputs, samples)
        saved = self.begin(given, stamps, samples, threads)
        saved.given |= {b.number: a for b, a in zip(self.plan.outputs, results, strict=True)}
        self._call(self.plan.forward, saved, addresses_of(saved.given))
        return self.guarded(results, given), saved

    def begin(
        self, arrays: Sequence[Array], stamps: Sequence[Stamp | None], samples: int, threads: int
    ) -> SavedContext:
        """The context of a call: packed parameters and a workspace."""
        inputs = {b.number: a for b, a in zip(self.plan.inputs, arrays, strict=True)}
        space = self._spaces.take(self.extent(samples, threads))
        try:
            stamped = [(stamps and stamps[i]) or self._anonymous_stamps[i] for i in self._constants]
            packed = self._pack(inputs, threads, stamped)
        except BaseException:
            self._spaces.give(space)
            raise
        return SavedContext(self, samples, threads, space, packed, inputs)

    def guarded(self, results: list[Array], arrays: Sequence[Array]) -> list[Array]:
        """The outputs without the NaN guards; if a guard is NaN, the reference implementation runs and may raise."""
        shown = len(results) - self.nan_guards
        if any(np.isnan(guard) for guard in results[shown:]):
            forward = Graph(self.graph.inputs[: len(self.inputs)], self.graph.outputs[:shown])
            raise_refusal(forward, arrays, self.batch_inputs)
        return results[:shown]

    def backward(self, saved: SavedContext, doutputs: Sequence[Array]) -> list[Array]:
        """The gradient of each input in `wrt`."""
        results = self._results(self.plan.gradients, self.gradients, saved.samples)
        given = [np.ascontiguousarray(a) for a in doutputs]
        addresses = addresses_of(saved.given)
        buffers = (*self.plan.doutputs, *self.plan.gradients)
        addresses |= {b.number: address(a) for b, a in zip(buffers, (*given, *results), strict=True)}
        self._call(self.plan.backward, saved, addresses)
        return results

    def shapes(self, buffers: Sequence[Buffer], specs: Sequence[Spec], samples: int) -> list[Shape]:
        """The shapes of results for so many samples."""
        return [
            (samples, *s.shape[1:]) if b.kind is Kind.BATCH else s.shape for b, s in zip(buffers, specs, strict=True)
        ]

    def _results(self, buffers: Sequence[Buffer], specs: Sequence[Spec], samples: int) -> list[Array]:
        """New arrays for results, zeroed if there are no samples, as a sum over none is zero."""
        allocate = np.empty if samples else np.zeros
        shapes = self.shapes(buffers, specs, samples)
        try:
            return [allocate(shape, s.dtype) for shape, s in zip(shapes, specs, strict=True)]
        except MemoryError as error:
            raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None

    def prepared(self, phase: Phase, saved: SavedContext, doutputs: Sequence[Array]) -> Callable[[], None]:
        """A function that runs one phase on one thread with the buffers of an earlier call, for measurements."""
        self._tables[phase] = self._table(phase)
        addresses = addresses_of(saved.given) | saved.addresses
        addresses |= {b.number: address(a) for b, a in zip(self.plan.doutputs, doutputs, strict=False)}
        results = {b.number: aligned(b.bytes * saved.samples) for b in self.plan.gradients}
        bases = partial(self.bases, addresses | addresses_of(results), saved.space, 1)
        job = self.job(phase, saved.samples, 1, saved.space, bases)
        job = replace(job, kept=(results, doutputs, saved, self._tables.pop(phase)))
        listed = np.array([1, address(job.words)], np.int64)

        def run() -> None:
            job.again()
            pool().dispatch(address(listed), 1)

        return run

    def _call(self, phases: Sequence[Phase], saved: SavedContext, addresses: dict[int, int]) -> None:
        self._run(phases, saved.samples, saved.threads, addresses | saved.addresses, saved.space)

    def _run(
        self, phases: Sequence[Phase], samples: int, threads: int, addresses: dict[int, int], space: Workspace | None
    ) -> None:
        phases = [phase for phase in phases if phase.steps]
        if samples == 0 or not phases:
            return
        workers = pool()
        shared = threads > 1 and workers.lock.acquire(blocking=False)
        threads = threads if shared else 1
        try:
            threads = workers.start(threads)
            bases = cache(partial(self.bases, addresses, space, threads))  # the same for all phases of a kind
            jobs = [self.job(phase, samples, threads, space, bases) for phase in phases]
            listed = np.array([len(jobs), *(address(job.words) for job in jobs)], np.int64)
            workers.dispatch(address(listed), threads)
        finally:
            if shared:
                workers.lock.release()

    def _schedule(self, phase: Phase, samples: int, threads: int) -> PhaseSchedule:
        """The schedule of a phase. If it has partial sums, the groups do not depend on the number of threads."""
        if not phase.by_samples:
            return PhaseSchedule(1, 1, 1, False)
        size = min(max(samples // (4 * threads), 1), MICRO_BATCH)
        if phase.sums and samples:
            size = ceil_div(samples, self._groups(samples))
        groups = ceil_div(samples, size)
        return PhaseSchedule(samples, size, groups, groups >= threads)

    def job(
        self, phase: Phase, samples: int, threads: int, space: Workspace | None, bases_of: Callable[[bool], Array]
    ) -> Job:
        """The job of one phase; `bases_of` returns `bases`, given whether the phase is data-parallel."""
        schedule = self._schedule(phase, samples, threads)
        data_parallel = (
            schedule.data_parallel and space is not None and threads <= space.extent.scratch
        )  # there may be fewer than planned
        bases = bases_of(data_parallel)
        words = np.zeros(JOB_WORDS, np.int64)
        words[:5] = (
            schedule.samples,
            threads,
            schedule.size,
            min(schedule.size, space.extent.micro_batch if space else 1),
            schedule.groups,
        )
        words[7:12] = data_parallel, len(phase.steps), address(self._tables[phase]), address(bases), self._width
        words[13:16] = self._groups(samples), samples, self._arguments
        return Job(words, bases)

    def bases(self, addresses: dict[int, int], space: Workspace | None, threads: int, data_parallel: bool) -> Array:
        """A row for each thread: the base address of each buffer, then space for the arguments of a step.

        Threads that share each step use the same scratch, but their own temporaries.
        """
        bases = np.zeros((threads, self._width), np.int64)
        bases[:, list(addresses)] = list(addresses.values())
        if space is not None:
            numbers, places = self._scratch
            if numbers:
                scratch = np.array([address(memory) for memory in space.scratch[: threads if data_parallel else 1]])
                bases[:, numbers] = scratch[:, None] + places * space.extent.micro_batch
            if self._temporaries:
                bases[:, self._temporaries] = np.array([address(memory) for memory in space.temporaries[:threads]])[
                    :, None
                ]
        return bases

    @cached_property
    def _scratch(self) -> tuple[list[int], Array]:
        """The numbers of scratch buffers, and their offsets in bytes per sample of a micro-batch."""
        mine = self.plan.of_kind(Kind.SCRATCH)
        return [b.number for b in mine], np.array([b.offset for b in mine], np.int64)

    @cached_property
    def _temporaries(self) -> list[int]:
        return [b.number for b in self.plan.of_kind(Kind.TEMPORARY)]


class PhaseSchedule(NamedTuple):
    """How a phase is divided: `samples` in `groups` of `size`.

    If `data_parallel`, each thread takes whole groups; otherwise all threads share each step of a group.
    """

    samples: int
    size: int
    groups: int
    data_parallel: bool


@dataclass(frozen=True, eq=False)
class Job:
    """The input of the native run time for one phase; workers.ll documents the words."""

    words: Array
    bases: Array
    kept: object = None  # what the addresses in `bases` point into

    def again(self) -> None:
        """Reset the counters for another run."""
        self.words[5:7] = 0
        self.words[12] = 0
