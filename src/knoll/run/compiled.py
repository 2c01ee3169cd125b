"""A plan with its machine code: call it.

Everything that a call needs is laid out beforehand as tables of 64-bit words, which the native run time reads; a call
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
from knoll.run.index_checks import IndexCheck, index_checks_of
from knoll.run.lru import LRU
from knoll.run.nan_guards import raise_refusal
from knoll.run.native import code_of
from knoll.run.packed import Packed, Packs
from knoll.run.stamp import Identity, Stamp
from knoll.run.threads import get_num_threads, pool
from knoll.run.workspace import Extent, Workspace, Workspaces, address, addresses_of, aligned

MICRO_BATCH = 4  # samples that a thread takes through the layers together; more would leave its cache
MOST_GROUPS = 16  # groups of samples with partial sums; a constant, so that results do not depend on threads
PARTIAL_SUM_BYTES = 256 << 20  # what the partial sums of all groups may take
UNIT = {Kind.BATCH: 1, Kind.SAVED: 1, Kind.PARTIAL: 2}
JOB_WORDS = 16
CACHE_LINE_WORDS = 8  # what one thread writes stands in no cache line that another one reads
STEP_BYTES = 4 << 10  # what a step takes beside its machine code: its part of the plan and of the graph
MOST_EXTENTS = 64  # pairs of a batch size and a number of threads whose workspace sizes are remembered
MOST_REPACKINGS = 8  # sets of packings whose steps are remembered: a training step changes the same parameters


class Saved:
    """What a call leaves for its backward pass; the memory goes back to the program when nobody holds this any more."""

    program: CompiledProgram
    samples: int
    threads: int
    given: dict[int, Array]
    packed: Packed
    space: Workspace

    def __init__(
        self,
        program: CompiledProgram,
        samples: int,
        threads: int,
        space: Workspace,
        packed: Packed,
        given: dict[int, Array],
    ) -> None:
        self.program, self.samples, self.threads = program, samples, threads
        self.space, self.packed, self.given = space, packed, given

    def __del__(self) -> None:
        self.program.release(self.space, self.packed)

    @property
    def addresses(self) -> dict[int, int]:
        """Where everything lies but what this call is given and makes."""
        return self.packed.addresses | self.space.addresses


class CompiledProgram:
    """The program of a plan, for a batch of any size."""

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
        self._extents = LRU[tuple[int, int], Extent](most=MOST_EXTENTS)
        self._tables = {phase: self._table(phase) for phase in plan.phases}
        self.batch_inputs = tuple(i for i, b in enumerate(plan.inputs) if b.kind is Kind.BATCH)
        self._spaces = Workspaces(plan)
        self._packs = Packs(plan, self._spaces)
        self._constants = self._packs.constants
        self._repackings: dict[tuple[int, ...], Phase] = {}
        self._nobody = [Identity() for _ in plan.inputs]  # the owners of parameters that come without stamps
        self._unnamed: list[Stamp] = [(ref(identity), None) for identity in self._nobody]

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

    def _pack(self, inputs: dict[int, Array], threads: int, stamps: list[Stamp]) -> Packed:
        """The parameters laid out for the kernels: again only if they have changed, and never under a reader's eyes."""

        def run(numbers: tuple[int, ...], packed: Packed) -> None:
            self._run((self._preparing(numbers),), 1, threads, addresses_of(inputs) | packed.addresses, None)

        return self._packs.take(stamps, run)

    def _preparing(self, numbers: tuple[int, ...]) -> Phase:
        """The steps of some packings, or of all."""
        if len(numbers) == len(self._packs.packings):
            return self.plan.prepare
        if numbers not in self._repackings:
            if len(self._repackings) >= MOST_REPACKINGS:
                for phase in self._repackings.values():
                    del self._tables[phase]
                self._repackings.clear()
            steps = tuple(step for i in numbers for step in self._packs.packings[i].steps)
            phase = self._repackings[numbers] = replace(self.plan.prepare, steps=steps)
            self._tables[phase] = self._table(phase)
        return self._repackings[numbers]

    def release(self, space: Workspace, packed: Packed) -> None:
        """Take memory back for the next call."""
        self._packs.give(packed)
        if self._packs.is_wanted:
            self._spaces.give(space)

    def compiled_programs(self) -> Iterator[CompiledProgram]:
        """Itself alone."""
        yield self

    @cached_property
    def size(self) -> int:
        """About how many bytes it takes itself."""
        steps = sum(len(phase.steps) for phase in self.plan.phases)
        return STEP_BYTES * steps + sum(code.bytes for code in self._codes.values())

    def memory(self, seen: set[int]) -> int:
        """Bytes that it keeps for its next calls, without what `seen` has; what it finds is added there."""
        new = {id(piece): piece.bytes for piece in self._packs.pieces() if id(piece) not in seen}
        seen.update(new)
        return sum(new.values()) + self._spaces.bytes

    def drop(self, keep: int = 0) -> None:
        """Keep parameters of only so many networks, and only so many workspaces, for its next calls."""
        self._packs.drop(keep)
        self._spaces.drop(keep)

    def _groups(self, samples: int) -> int:
        """How many groups of samples have sums of their own; it depends on the model and the batch alone."""
        return ceil_div(samples, max(1, ceil_div(samples, self._most_groups)))

    @cached_property
    def _most_groups(self) -> int:
        each = sum(b.bytes for b in self.plan.of_kind(Kind.PARTIAL))
        return max(1, min(MOST_GROUPS, PARTIAL_SUM_BYTES // each if each else MOST_GROUPS))

    # Running

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], Saved]:
        """The outputs, and what backward needs; an input has changed unless its stamp is equal to the last one."""
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

    def begin(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None], samples: int, threads: int) -> Saved:
        """What a call needs before it runs: packed parameters, and memory to work in."""
        inputs = {b.number: a for b, a in zip(self.plan.inputs, arrays, strict=True)}
        space = self._spaces.take(self.extent(samples, threads))
        try:
            stamped = [(stamps and stamps[i]) or self._unnamed[i] for i in self._constants]
            packed = self._pack(inputs, threads, stamped)
        except BaseException:
            self._spaces.give(space)
            raise
        return Saved(self, samples, threads, space, packed, inputs)

    def guarded(self, results: list[Array], arrays: Sequence[Array]) -> list[Array]:
        """The outputs without the guards behind them; raises what the meaning raises if these tell that it might."""
        shown = len(results) - self.nan_guards
        if any(np.isnan(guard) for guard in results[shown:]):
            forward = Graph(self.graph.inputs[: len(self.inputs)], self.graph.outputs[:shown])
            raise_refusal(forward, arrays, self.batch_inputs)
        return results[:shown]

    def backward(self, saved: Saved, doutputs: Sequence[Array]) -> list[Array]:
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
        """Memory for results; a sum over no samples is zero."""
        allocate = np.empty if samples else np.zeros
        shapes = self.shapes(buffers, specs, samples)
        try:
            return [allocate(shape, s.dtype) for shape, s in zip(shapes, specs, strict=True)]
        except MemoryError as error:
            raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None

    def prepared(self, phase: Phase, saved: Saved, doutputs: Sequence[Array]) -> Callable[[], None]:
        """A call that runs one phase alone on one thread, over what an earlier call left: for measuring."""
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

    def _call(self, phases: Sequence[Phase], saved: Saved, addresses: dict[int, int]) -> None:
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
        """The schedule of a phase. Groups that have partial sums of their own do not depend on the threads."""
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
        """What one phase is told; `bases_of` gives the addresses, as `bases`, by whether the phase is data-parallel."""
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
        """A row for every thread: the address of every buffer, and space for the arguments of a step.

        Threads that share each step share scratch, but no temporaries.
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
        """Which buffers are scratch, and where each begins, in bytes for each sample in hand."""
        mine = self.plan.of_kind(Kind.SCRATCH)
        return [b.number for b in mine], np.array([b.offset for b in mine], np.int64)

    @cached_property
    def _temporaries(self) -> list[int]:
        return [b.number for b in self.plan.of_kind(Kind.TEMPORARY)]


class PhaseSchedule(NamedTuple):
    """How a phase goes through samples: in groups of a size.

    Data-parallel: each thread takes whole groups. Otherwise threads share each step of a group.
    """

    samples: int
    size: int
    groups: int
    data_parallel: bool


@dataclass(frozen=True, eq=False)
class Job:
    """What the native run time reads of one phase: its words are explained in workers.ll."""

    words: Array
    bases: Array
    kept: object = None  # what the addresses in `bases` point into

    def again(self) -> None:
        """Set the counters to zero for another run."""
        self.words[5:7] = 0
        self.words[12] = 0
