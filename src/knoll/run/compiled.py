"""Compiled programs: a plan with its machine code, run forward and backward.

The steps of a phase are encoded once as a table (`step_table.py`), which the native run time (workers.ll) reads. A
launch (`launch.py`) has the phases of a call laid out for a workspace (`launch_layout.py`); a call
makes one native call with its arrays, which makes those of its results.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import NamedTuple
from weakref import ref

import numpy as np

from knoll.errors import OutOfMemoryError, ShapeError
from knoll.graph import Array, Graph, Shape, Spec
from knoll.messages import say
from knoll.plan.plan import Buffer, Kind, Phase, Plan
from knoll.run.code_cache import codes_of
from knoll.run.index_checks import IndexCheck, index_checks_of
from knoll.run.launch import Launch, Operand, Signature
from knoll.run.launch_layout import Launches, LaunchLayout
from knoll.run.nan_guards import raise_refusal
from knoll.run.packed import PackedParameterCache, PackedParameters, reading
from knoll.run.stamp import Identity, Stamp
from knoll.run.threads import get_num_threads, pool
from knoll.run.workspace import Extent, Workspace, Workspaces, aligned, memory_lock

STEP_BYTES = 4 << 10  # estimate of a step's part of the plan and the graph, besides its machine code
MIN_SHARED = 1 << 16  # multiply-adds and elements from which a second thread helps
MAX_REPACKINGS = 8  # sets of packings whose steps are remembered: a training step changes the same parameters


class Pass(NamedTuple):
    """What a call runs: phases, and the signature of their launch for so many samples."""

    phases: tuple[Phase, ...]
    signature: Callable[[int], Signature]


class SavedContext:
    """Values saved by a forward call for its backward pass; when it is freed, its memory returns to the program.

    `given` has the arrays of the inputs that steps read and, after the forward pass, those of its outputs.
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


def new_arrays(operands: Sequence[Operand], samples: int) -> list[Array]:
    """Arrays for results, zeroed if there are no samples, as a sum over none is zero. Raises OutOfMemoryError."""
    specs = [operand.spec for operand in operands if operand.spec is not None]
    try:
        return [np.empty(s.shape, s.dtype) if samples else np.zeros(s.shape, s.dtype) for s in specs]
    except MemoryError as error:
        raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None


def _with_steps(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """Phases, none if there is nothing to do in them."""
    return phases if any(phase.steps for phase in phases) else ()


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
        self._forward = Pass(_with_steps(plan.forward), self.forward_signature)
        self._backward = Pass(_with_steps(plan.backward), self._backward_signature)
        self._spaces = Workspaces(plan)
        self._packed_parameters = PackedParameterCache(plan, self._spaces)
        self._constants = self._packed_parameters.constants
        self._repackings: dict[tuple[int, ...], Pass] = {}
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
            constants = [arrays[i] for i in self._constants]
            self._run(packed.launches, self._repacking(numbers), 1, threads, None, packed, constants)

        return self._packed_parameters.take(stamps, run)

    def _repacking(self, numbers: tuple[int, ...]) -> Pass:
        """The prepare phase restricted to the packings with these numbers."""
        if numbers not in self._repackings:
            if len(self._repackings) >= MAX_REPACKINGS:
                for (phase,), _ in self._repackings.values():
                    self.layout.forget(phase)
                self._repackings.clear()
            steps = tuple(step for i in numbers for step in self._packed_parameters.packings[i].steps)
            self._repackings[numbers] = Pass((replace(self.plan.prepare, steps=steps),), self._packing_signature)
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
        threads = self.threads(samples)
        packed, space = self._memory(arrays, stamps, samples, threads)
        try:
            results = self._run(space.launches, self._forward, samples, threads, space, packed, self.read(arrays))
        finally:
            self.release(space, packed)
        return self.guarded(results, arrays) if self.nan_guards else results

    @property
    def is_repeatable(self) -> bool:
        """Whether a further inference needs no more than another first input.

        It alone has an entry for each sample, steps read it as it is, and nothing is checked.
        """
        reads_it_alone = self.batch_inputs == (0,) and self._inputs_used[:1] == [0] and 0 not in self._constants
        return reads_it_alone and not (self.nan_guards or self.index_checks)

    def laid_out(
        self, arrays: Sequence[Array], stamps: Sequence[Stamp | None]
    ) -> tuple[Launch, int, tuple[Workspace, PackedParameters]]:
        """The launch of an inference, its number of samples, and its memory."""
        samples = arrays[0].shape[0]
        threads = self.threads(samples)
        packed, space = self._memory(arrays, stamps, samples, threads)
        try:
            phases, signature = self._forward
            launch = self.layout.launch(space.launches, phases, samples, threads, space, signature)
            return launch, samples, (space, packed)
        finally:
            self.release(space, packed)

    def run_again(
        self, launch: Launch, samples: int, space: Workspace, packed: PackedParameters, arrays: Sequence[Array]
    ) -> list[Array] | None:
        """The outputs, with memory that an earlier call had.

        None if it is in use, if there are more or fewer threads now, and for arrays that lie otherwise.
        """
        with memory_lock:
            if not self._spaces.take_last(space):
                return None
            reading(packed)
        try:
            with pool().lent(self.threads(samples)) as threads:
                if threads != launch.threads:
                    return None
                launch.place_packed(packed.addresses)
                return pool().run_as_is(launch, arrays)
        finally:
            self.release(space, packed)

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], SavedContext]:
        """The outputs, as `infer` gives them, and the context for backward."""
        arrays, samples = self._checked(arrays)
        saved = self.begin(arrays, stamps, samples, self.threads(samples))
        results = self._call(self._forward, saved, saved.given)
        saved.given += results
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
    ) -> SavedContext:
        """The context of a call: packed parameters, a workspace, and the arrays of inputs that steps read."""
        packed, space = self._memory(arrays, stamps, samples, threads)
        return SavedContext(self, samples, threads, space, packed, self.read(arrays))

    def read(self, arrays: Sequence[Array]) -> list[Array]:
        """The inputs that steps read."""
        return [arrays[i] for i in self._inputs_used]

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
        results = self._call(self._backward, saved, [*saved.given, *doutputs])
        saved.space.restore(kept)
        return results

    def shapes(self, buffers: Sequence[Buffer], specs: Sequence[Spec], samples: int) -> list[Shape]:
        """The shapes of results for so many samples."""
        return [
            (samples, *s.shape[1:]) if b.kind is Kind.BATCH else s.shape for b, s in zip(buffers, specs, strict=True)
        ]

    def result_shapes(self, samples: int) -> list[Shape]:
        """The shape of each output for so many samples."""
        return self.shapes(self.plan.outputs, self.outputs, samples)

    def operands(self, buffers: Sequence[Buffer], specs: Sequence[Spec], samples: int) -> list[Operand]:
        """The arrays in which buffers lie, for so many samples."""
        shapes = self.shapes(buffers, specs, samples)
        return [Operand(b.number, s.with_shape(*shape)) for b, s, shape in zip(buffers, specs, shapes, strict=True)]

    def forward_signature(self, samples: int) -> Signature:
        """The inputs that steps read, and the outputs."""
        inputs = self.operands(self.plan.inputs, self.inputs, samples)
        used = [inputs[i] for i in self._inputs_used]
        return Signature(used, self.operands(self.plan.outputs, self.outputs, samples))

    def _backward_signature(self, samples: int) -> Signature:
        """What the forward pass takes and gives and the gradients of outputs, and those of inputs."""
        (inputs, outputs), doutputs = self.forward_signature(samples), self.plan.doutputs
        taken = self.operands(doutputs, self.outputs[: len(doutputs)], samples)
        return Signature([*inputs, *outputs, *taken], self.operands(self.plan.gradients, self.gradients, samples))

    def _packing_signature(self, _: int) -> Signature:
        """The parameters that are packed."""
        return Signature([Operand(self.plan.inputs[i].number, self.inputs[i]) for i in self._constants])

    def prepared(
        self, phase: Phase, saved: SavedContext, arrays: Sequence[Array], doutputs: Sequence[Array]
    ) -> Callable[[], object]:
        """A function that runs one phase on one thread with the buffers of an earlier call, for measurements."""
        results = [aligned(b.bytes * saved.samples) for b in self.plan.gradients]
        buffers = (*self.plan.inputs, *self.plan.doutputs, *self.plan.outputs, *self.plan.gradients)
        outputs = saved.given[len(self._inputs_used) :]
        signature = Signature([Operand(buffer.number) for buffer in buffers])
        launch = self.layout.new((phase,), saved.samples, 1, saved.space, signature, saved)
        self.layout.forget(phase)
        launch.place_packed(saved.packed.addresses)
        return partial(pool().run, launch, [*arrays, *doutputs, *outputs, *results])

    def _call(self, which: Pass, saved: SavedContext, arrays: list[Array]) -> list[Array]:
        """The results of a pass with the memory of a context."""
        space, packed = saved.space, saved.packed
        return self._run(space.launches, which, saved.samples, saved.threads, space, packed, arrays)

    def _run(
        self,
        launches: Launches,
        which: Pass,
        samples: int,
        threads: int,
        space: Workspace | None,
        packed: PackedParameters,
        arrays: list[Array],
    ) -> list[Array]:
        """The results of a pass, which is laid out in `launches` if it ran with this memory before.

        Copies take the place of arrays that do not lie as steps read them.
        """
        phases, signature = which
        if not (phases and samples):
            return new_arrays(signature(samples).gives, samples)
        workers = pool()
        with workers.lent(threads) as available:
            launch = self.layout.launch(launches, phases, samples, available, space, signature)
            launch.place_packed(packed.addresses)
            return workers.run(launch, arrays)
