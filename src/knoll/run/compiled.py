"""Compiled programs: a plan with its machine code, run forward and backward.

The steps of a phase are encoded once as a table (`step_table.py`), which the native run time (workers.ll) reads. A
launch (`launch.py`) has the phases of a call laid out for a workspace (`launch_layout.py`); a call fills in the
addresses of its arrays and makes one native call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from weakref import ref

import numpy as np

from knoll.errors import OutOfMemoryError, ShapeError
from knoll.graph import Array, Graph, Shape, Spec
from knoll.messages import say
from knoll.plan.plan import Buffer, Kind, Phase, Plan
from knoll.run.code_cache import codes_of
from knoll.run.index_checks import IndexCheck, index_checks_of
from knoll.run.launch_layout import Launches, LaunchLayout
from knoll.run.lru import kept
from knoll.run.nan_guards import raise_refusal
from knoll.run.packed import PackedParameterCache, PackedParameters
from knoll.run.stamp import Identity, Stamp
from knoll.run.threads import get_num_threads, pool
from knoll.run.workspace import Extent, Workspace, Workspaces, aligned

STEP_BYTES = 4 << 10  # estimate of a step's part of the plan and the graph, besides its machine code
MIN_SHARED = 1 << 16  # multiply-adds and elements from which a second thread helps
MAX_SPECS = 256  # batch sizes whose results' specs are kept
MAX_REPACKINGS = 8  # sets of packings whose steps are remembered: a training step changes the same parameters


class SavedContext:
    """Values saved by a forward call for its backward pass; when it is freed, its memory returns to the program.

    `given` has the arrays of inputs and outputs that steps read or write.
    """

    program: CompiledProgram
    samples: int
    threads: int
    given: list[Array]
    packed: PackedParameters
    space: Workspace

    def __init__(
        self,
        program: CompiledProgram,
        samples: int,
        threads: int,
        space: Workspace,
        packed: PackedParameters,
        given: list[Array],
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
    given_inputs: list[int]
    layout: LaunchLayout

    def __init__(self, graph: Graph, plan: Plan, outputs: int, nan_guards: int = 0) -> None:
        self.graph, self.plan, self.nan_guards = graph, plan, nan_guards
        self.inputs = [value.spec for value in graph.inputs[: len(plan.inputs)]]
        self.outputs = [value.spec for value in graph.outputs[: outputs + nan_guards]]
        self.gradients = [value.spec for value in graph.outputs[outputs + nan_guards :]]
        self.index_checks = index_checks_of(graph)
        kernels = (step.kernel for phase in plan.phases for step in phase.steps)
        self._codes = codes_of(kernels, get_num_threads())
        self.layout = LaunchLayout(plan, self._codes)
        self.batch_inputs = tuple(i for i, b in enumerate(plan.inputs) if b.kind is Kind.BATCH)
        used = {b.number for phase in (*plan.forward, *plan.backward) for step in phase.steps for b in step.buffers}
        self._inputs_used = [i for i, b in enumerate(plan.inputs) if b.number in used]
        # The buffers that lie in the arrays of a call: inputs, with outputs, and with gradients, too
        self.given_inputs = [plan.inputs[i].number for i in self._inputs_used]
        self._given_forward = [*self.given_inputs, *(b.number for b in plan.outputs)]
        self._given_backward = [*self._given_forward, *(b.number for b in (*plan.doutputs, *plan.gradients))]
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
        return self.layout.scheduler.extent(samples, threads)

    def _pack(self, arrays: Sequence[Array], threads: int, stamps: list[Stamp]) -> PackedParameters:
        """The packed parameters; changed ones are packed again, into other memory while a call reads them."""

        def run(numbers: tuple[int, ...], packed: PackedParameters) -> None:
            constants = [np.ascontiguousarray(arrays[i]) for i in self._constants]
            places = [self.plan.inputs[i].number for i in self._constants]
            self._run(packed.launches, (self._repacking(numbers),), 1, threads, None, packed, places, constants)

        return self._packed_parameters.take(stamps, run)

    def _repacking(self, numbers: tuple[int, ...]) -> Phase:
        """The prepare phase restricted to the packings with these numbers."""
        if len(numbers) == len(self._packed_parameters.packings):
            return self.plan.prepare
        if numbers not in self._repackings:
            if len(self._repackings) >= MAX_REPACKINGS:
                for phase in self._repackings.values():
                    self.layout.forget(phase)
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

    def infer(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> list[Array]:
        """The outputs; an input counts as changed unless its stamp equals the last one."""
        arrays, samples = self._checked(arrays)
        threads, results = self.threads(samples), new_arrays(self.specs(samples), samples)
        packed, space = self._memory(arrays, stamps, samples, threads)
        try:
            if self._forward and samples:
                given = self._given(arrays, results)
                self._run(space.launches, self._forward, samples, threads, space, packed, self._given_forward, given)
        finally:
            self.release(space, packed)
        return self.guarded(results, arrays) if self.nan_guards else results

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], SavedContext]:
        """The outputs, as `infer` gives them, and the context for backward."""
        arrays, samples = self._checked(arrays)
        results = new_arrays(self.specs(samples), samples)
        saved = self.begin(arrays, stamps, samples, self.threads(samples), results)
        self._call(self._forward, saved, self._given_forward, saved.given)
        return self.guarded(results, arrays) if self.nan_guards else results, saved

    def _checked(self, arrays: Sequence[Array]) -> tuple[Sequence[Array], int]:
        """The inputs, with private copies of indices, and how many samples they have. Raises ShapeError, IndexError."""
        samples = arrays[self.batch_inputs[0]].shape[0]
        for i in self.batch_inputs[1:]:
            if arrays[i].shape[0] != samples:
                raise ShapeError(say("run.batches"), got=", ".join(str(arrays[i].shape) for i in self.batch_inputs))
        if self.index_checks:
            arrays = [*arrays]
            for check in self.index_checks:
                arrays[check.index] = check.checked(arrays[check.index])
        return arrays, samples

    def _given(self, arrays: Sequence[Array], results: Sequence[Array]) -> list[Array]:
        """The inputs and results that steps read or write."""
        return [*[np.ascontiguousarray(arrays[i]) for i in self._inputs_used], *results]

    def _memory(
        self, arrays: Sequence[Array], stamps: Sequence[Stamp | None], samples: int, threads: int
    ) -> tuple[PackedParameters, Workspace]:
        """The packed parameters of a call and its workspace, to be released after it."""
        known = stamps or self._anonymous_stamps
        stamped = [known[i] or self._anonymous_stamps[i] for i in self._constants]
        packed = self._packed_parameters.last(stamped) or self._pack(arrays, threads, stamped)
        try:
            return packed, self._spaces.take(self.extent(samples, threads))
        except BaseException:
            self._packed_parameters.give(packed)
            raise

    def begin(
        self,
        arrays: Sequence[Array],
        stamps: Sequence[Stamp | None],
        samples: int,
        threads: int,
        results: Sequence[Array] = (),
    ) -> SavedContext:
        """The context of a call: packed parameters, a workspace, and the arrays of inputs and results."""
        packed, space = self._memory(arrays, stamps, samples, threads)
        return SavedContext(self, samples, threads, space, packed, self._given(arrays, results))

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
        self._call(self._backward, saved, self._given_backward, saved.given + given + results)
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
        launch = self.layout.new((phase,), saved.samples, 1, saved.space, (arrays, results, doutputs, saved))
        self.layout.forget(phase)
        launch.place_packed(saved.packed.addresses)
        launch.place((buffer.number for buffer in self.plan.inputs), arrays)
        launch.place((buffer.number for buffer in self.plan.doutputs), doutputs)
        launch.place(self._given_forward, saved.given)
        launch.place(results.keys(), results.values())
        return partial(pool().run, launch)

    def _call(
        self, phases: tuple[Phase, ...], saved: SavedContext, numbers: Sequence[int], arrays: Sequence[Array]
    ) -> None:
        """Run the phases of a pass over the samples, if there are any, where the numbered buffers lie in arrays."""
        space, packed = saved.space, saved.packed
        if phases and saved.samples:
            self._run(space.launches, phases, saved.samples, saved.threads, space, packed, numbers, arrays)

    def _run(
        self,
        launches: Launches,
        phases: tuple[Phase, ...],
        samples: int,
        threads: int,
        space: Workspace | None,
        packed: PackedParameters,
        numbers: Iterable[int],
        arrays: Iterable[Array],
    ) -> None:
        """Run phases, which are laid out in `launches` if they ran with this memory before."""
        workers = pool()
        with workers.lent(threads) as available:
            launch = self.layout.launch(launches, phases, samples, available, space)
            launch.place_packed(packed.addresses)
            launch.place(numbers, arrays)
            workers.run(launch)
