"""Compiled programs: a plan with its machine code, run forward and backward.

The steps of a phase are encoded once as a table (`step_table.py`), which the native run time (workers.ll) reads. A
launch (`launch.py`) has the phases of a call laid out for a workspace; a call fills in the addresses of its arrays and
makes one native call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TypeAlias
from weakref import ref

import numpy as np

from knoll.errors import OutOfMemoryError, ShapeError
from knoll.graph import Array, Graph, Shape, Spec
from knoll.kernels.kernel import Kernel
from knoll.messages import say
from knoll.plan.plan import Buffer, Kind, Phase, Plan
from knoll.run.code_cache import codes_of
from knoll.run.index_checks import IndexCheck, index_checks_of
from knoll.run.launch import Launch
from knoll.run.lru import kept
from knoll.run.nan_guards import raise_refusal
from knoll.run.packed import PackedParameterCache, PackedParameters
from knoll.run.schedule import Scheduler
from knoll.run.stamp import Identity, Stamp
from knoll.run.step_table import StepTable, step_table
from knoll.run.threads import get_num_threads, pool
from knoll.run.workspace import Extent, Workspace, Workspaces, address, aligned

CACHE_LINE_WORDS = 8  # padding that avoids false sharing between threads
STEP_BYTES = 4 << 10  # estimate of a step's part of the plan and the graph, besides its machine code
MIN_SHARED = 1 << 16  # multiply-adds and elements from which a second thread helps
MAX_LAUNCHES = 256  # batch sizes that are laid out for one workspace; each takes some kilobytes
MAX_SPECS = 256  # batch sizes whose results' specs are kept
MAX_REPACKINGS = 8  # sets of packings whose steps are remembered: a training step changes the same parameters

Launches: TypeAlias = dict[Hashable, Launch]  # by the phases, the number of samples and of threads


class SavedContext:
    """Values saved by a forward call for its backward pass; when it is freed, its memory returns to the program.

    `given` has the arrays of inputs and outputs that steps read or write, by buffer number.
    """

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

    def __del__(self, ends: Callable[[], bool] = sys.is_finalizing) -> None:
        if not ends():  # when Python ends, names of modules are None already, and so would be `sys`
            self.program.release(self.space, self.packed)


def new_arrays(specs: Sequence[Spec], samples: int) -> list[Array]:
    """Arrays for results, zeroed if there are no samples, as a sum over none is zero. Raises OutOfMemoryError."""
    try:
        return [np.empty(s.shape, s.dtype) if samples else np.zeros(s.shape, s.dtype) for s in specs]
    except MemoryError as error:
        raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None


class CompiledProgram:
    """A compiled program, for a batch of any size."""

    graph: Graph
    gives_views: bool = False
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
        most = max((step.arguments for phase in plan.phases for step in phase.steps), default=0)
        # A thread's row of bases: addresses of buffers, then, in other cache lines, the arguments of a step
        self._arguments = len(plan.buffers) + CACHE_LINE_WORDS
        self._width = self._arguments + most + CACHE_LINE_WORDS
        kernels = (step.kernel for phase in plan.phases for step in phase.steps)
        self._codes = codes_of(kernels, get_num_threads())
        self._scheduler = Scheduler(plan)
        self._tables: dict[tuple[Phase, int], StepTable] = {}
        self.batch_inputs = tuple(i for i, b in enumerate(plan.inputs) if b.kind is Kind.BATCH)
        used = {b.number for phase in (*plan.forward, *plan.backward) for step in phase.steps for b in step.buffers}
        self._inputs_used = [(i, b.number) for i, b in enumerate(plan.inputs) if b.number in used]
        self._output_numbers = [buffer.number for buffer in plan.outputs]
        self._gradient_numbers = [buffer.number for buffer in (*plan.doutputs, *plan.gradients)]
        self._specs: dict[tuple[bool, int], list[Spec]] = {}
        self._forward, self._backward = (
            phases if any(phase.steps for phase in phases) else () for phases in (plan.forward, plan.backward)
        )
        self._spaces = Workspaces(plan)
        self._packed_parameters = PackedParameterCache(plan, self._spaces)
        self._constants = self._packed_parameters.constants
        self._repackings: dict[tuple[int, ...], Phase] = {}
        self._anonymous = [Identity() for _ in plan.inputs]  # the owners of parameters that come without stamps
        self._anonymous_stamps: list[Stamp] = [(ref(identity), None) for identity in self._anonymous]

    def _address(self, kernel: Kernel) -> int:
        """The address of the machine code of a kernel."""
        return self._codes[kernel.specification].address(kernel.name)

    def _table(self, phase: Phase, sharing: int) -> StepTable:
        """The table of a phase whose steps so many threads share."""
        key = phase, sharing if phase.fusions else 1
        if key not in self._tables:
            self._tables[key] = step_table(phase, self._address, sharing)
        return self._tables[key]

    def threads(self, samples: int) -> int:
        """How many threads a call uses: one where waking another takes longer than the work."""
        return get_num_threads() if samples * self._work >= MIN_SHARED else 1

    @cached_property
    def _work(self) -> int:
        """Multiply-adds and elements that all steps need for one sample."""
        steps = [step for phase in (*self.plan.forward, *self.plan.backward) for step in phase.steps]
        return sum(step.kernel.work + sum(buffer.size for buffer in step.buffers) for step in steps)

    # Memory

    def extent(self, samples: int, threads: int) -> Extent:
        """The size of the workspace that a call needs."""
        return self._scheduler.extent(samples, threads)

    def _pack(self, arrays: Sequence[Array], threads: int, stamps: list[Stamp]) -> PackedParameters:
        """The packed parameters; changed ones are packed again, into other memory while a call reads them."""

        def run(numbers: tuple[int, ...], packed: PackedParameters) -> None:
            constants = {self.plan.inputs[i].number: np.ascontiguousarray(arrays[i]) for i in self._constants}
            self._run(packed.launches, (self._repacking(numbers),), 1, threads, None, packed, constants)

        return self._packed_parameters.take(stamps, run)

    def _repacking(self, numbers: tuple[int, ...]) -> Phase:
        """The prepare phase restricted to the packings with these numbers."""
        if len(numbers) == len(self._packed_parameters.packings):
            return self.plan.prepare
        if numbers not in self._repackings:
            if len(self._repackings) >= MAX_REPACKINGS:
                for phase in self._repackings.values():
                    self._tables.pop((phase, 1), None)
                self._repackings.clear()
            steps = tuple(step for i in numbers for step in self._packed_parameters.packings[i].steps)
            self._repackings[numbers] = replace(self.plan.prepare, steps=steps)
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

    # Running

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], SavedContext]:
        """Outputs, and the context for backward; an input counts as changed unless its stamp equals the last one."""
        given = [*arrays]
        for i, _ in self._inputs_used:
            given[i] = np.ascontiguousarray(arrays[i])
        samples = given[self.batch_inputs[0]].shape[0]
        for i in self.batch_inputs[1:]:
            if given[i].shape[0] != samples:
                raise ShapeError(say("run.batches"), got=", ".join(str(given[i].shape) for i in self.batch_inputs))
        for check in self.index_checks:
            given[check.index] = check.checked(given[check.index])
        results = new_arrays(self.specs(samples), samples)
        saved = self.begin(given, stamps, samples, self.threads(samples))
        saved.given.update(zip(self._output_numbers, results, strict=True))
        self._call(self._forward, saved, saved.given)
        return self.guarded(results, given) if self.nan_guards else results, saved

    def begin(
        self, arrays: Sequence[Array], stamps: Sequence[Stamp | None], samples: int, threads: int
    ) -> SavedContext:
        """The context of a call: packed parameters and a workspace."""
        space = self._spaces.take(self.extent(samples, threads))
        try:
            known = stamps or self._anonymous_stamps
            stamped = [known[i] or self._anonymous_stamps[i] for i in self._constants]
            packed = self._pack(arrays, threads, stamped)
        except BaseException:
            self._spaces.give(space)
            raise
        given = {number: arrays[i] for i, number in self._inputs_used}
        return SavedContext(self, samples, threads, space, packed, given)

    def guarded(self, results: list[Array], arrays: Sequence[Array]) -> list[Array]:
        """The outputs without the NaN guards; if a guard is NaN, the reference implementation runs and may raise."""
        shown = len(results) - self.nan_guards
        if any(np.isnan(guard) for guard in results[shown:]):
            forward = Graph(self.graph.inputs[: len(self.inputs)], self.graph.outputs[:shown])
            raise_refusal(forward, arrays, self.batch_inputs)
        return results[:shown]

    def backward(self, saved: SavedContext, doutputs: Sequence[Array], keep: bool = False) -> list[Array]:
        """The gradient of each input in `wrt`; it overwrites what was saved, or with `keep` a copy is put back."""
        kept = saved.space.copied() if keep else []
        results = new_arrays(self.specs(saved.samples, of_gradients=True), saved.samples)
        given = [np.ascontiguousarray(a) for a in doutputs]
        self._call(self._backward, saved, saved.given | dict(zip(self._gradient_numbers, given + results, strict=True)))
        saved.space.restore(kept)
        return results

    def shapes(self, buffers: Sequence[Buffer], specs: Sequence[Spec], samples: int) -> list[Shape]:
        """The shapes of results for so many samples."""
        return [
            (samples, *s.shape[1:]) if b.kind is Kind.BATCH else s.shape for b, s in zip(buffers, specs, strict=True)
        ]

    def specs(self, samples: int, of_gradients: bool = False) -> list[Spec]:
        """The spec of each output, or of each gradient, for so many samples."""
        specs = self._specs.get((of_gradients, samples))
        if specs is None:
            plan = self.plan
            made = (plan.gradients, self.gradients) if of_gradients else (plan.outputs, self.outputs)
            shapes = self.shapes(*made, samples)
            specs = [spec.with_shape(*shape) for spec, shape in zip(made[1], shapes, strict=True)]
            kept(self._specs, (of_gradients, samples), specs, MAX_SPECS)
        return specs

    def prepared(
        self, phase: Phase, saved: SavedContext, arrays: Sequence[Array], doutputs: Sequence[Array]
    ) -> Callable[[], None]:
        """A function that runs one phase on one thread with the buffers of an earlier call, for measurements."""
        results = {b.number: aligned(b.bytes * saved.samples) for b in self.plan.gradients}
        launch = self._laid_out((phase,), saved.samples, 1, saved.space, (arrays, results, doutputs, saved))
        del self._tables[phase, 1]
        launch.place_packed(saved.packed.addresses)
        launch.place((buffer.number for buffer in self.plan.inputs), arrays)
        launch.place((buffer.number for buffer in self.plan.doutputs), doutputs)
        placed = saved.given | results
        launch.place(placed.keys(), placed.values())
        return partial(pool().run, launch)

    def _call(self, phases: tuple[Phase, ...], saved: SavedContext, arrays: Mapping[int, Array]) -> None:
        """Run the phases of a pass over the samples, if there are any."""
        if phases and saved.samples:
            self._run(saved.space.launches, phases, saved.samples, saved.threads, saved.space, saved.packed, arrays)

    def _run(
        self,
        launches: Launches,
        phases: tuple[Phase, ...],
        samples: int,
        threads: int,
        space: Workspace | None,
        packed: PackedParameters,
        arrays: Mapping[int, Array],
    ) -> None:
        """Run phases, which are laid out in `launches` if they ran with this memory before."""
        workers = pool()
        with workers.lent(threads) as available:
            launch = self.launch(launches, phases, samples, available, space)
            launch.place_packed(packed.addresses)
            launch.place(arrays.keys(), arrays.values())
            workers.run(launch)

    def launch(
        self,
        launches: Launches,
        phases: tuple[Phase, ...],
        samples: int,
        threads: int,
        space: Workspace | None,
    ) -> Launch:
        """The launch of phases for this memory, which no two calls use at once."""
        key = phases, samples, threads
        launch = launches.get(key)
        if launch is None:
            launch = kept(launches, key, self._laid_out(phases, samples, threads, space), MAX_LAUNCHES)
        return launch

    def _laid_out(
        self, phases: Sequence[Phase], samples: int, threads: int, space: Workspace | None, kept: object = None
    ) -> Launch:
        bases: dict[bool, Array] = {}  # one for all phases of a kind
        tables: list[StepTable] = []
        jobs = [self._job(phase, samples, threads, space, bases, tables) for phase in phases if phase.steps]
        return Launch(jobs, threads, bases.values(), (kept, tables, bases))

    def _job(
        self,
        phase: Phase,
        samples: int,
        threads: int,
        space: Workspace | None,
        bases: dict[bool, Array],
        tables: list[StepTable],
    ) -> tuple[int, ...]:
        """The job of one phase; `bases` are by whether a phase is data-parallel, `tables` those of the jobs so far."""
        scheduler = self._scheduler
        schedule = scheduler.schedule(phase, samples, threads)
        has_scratch = space is not None and threads <= space.extent.scratch  # a thread may be missing when it is made
        data_parallel = schedule.data_parallel and has_scratch
        chunk = min(schedule.size, scheduler.micro_batch(phase, space.extent.micro_batch)) if space else 1
        if data_parallel not in bases:
            bases[data_parallel] = self._bases(space, threads, data_parallel)
        tables.append(self._table(phase, 1 if data_parallel else threads))
        return (
            schedule.samples, schedule.size, chunk, schedule.groups, int(data_parallel), tables[-1].entries,
            address(tables[-1].words), address(bases[data_parallel]), self._width, scheduler.groups(samples), samples,
            self._arguments,
        )  # fmt: skip

    def _bases(self, space: Workspace | None, threads: int, data_parallel: bool) -> Array:
        """A row for each thread: the base address of each buffer, then space for the arguments of a step.

        Threads that share each step use the same scratch, but their own temporaries.
        """
        bases = np.zeros((threads, self._width), np.int64)
        if space is not None:
            bases[:, list(space.addresses)] = list(space.addresses.values())
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
