"""A plan with its machine code: call it.

Everything that a call needs is laid out beforehand as tables of 64-bit words, which the native run time reads; a call
fills in the addresses of its arrays and makes one native call.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial

import numpy as np

from knoll.errors import ShapeError
from knoll.graph import Array, Graph, Shape, Spec
from knoll.locks import renewed
from knoll.messages import say
from knoll.plan.plan import Buffer, Kind, Phase, Plan
from knoll.run.limits import limits_of
from knoll.run.native import code_of
from knoll.run.threads import get_num_threads, pool
from knoll.run.witnesses import ask

AT_ONCE = 4  # samples a thread takes through the layers together; more would leave its cache
GROUPS = 16  # groups of samples that have sums of their own; a constant, so that results do not depend on threads
SUMS = 256 << 20  # bytes that all groups' sums may take together
UNIT = {Kind.BATCH: 1, Kind.SAVED: 1, Kind.GROUP: 2}
JOB_WORDS = 16
LINE = 8  # words of a cache line: what one thread writes stands in no line that another one reads
SPARE = 4  # workspaces, and layouts of parameters, kept for the next calls


def aligned(size: int) -> Array:
    """So many zero bytes, beginning on a cache line."""
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size]


@dataclass(eq=False)
class Packed:
    """Parameters laid out for the kernels, and how many calls are reading them."""

    memory: dict[int, Array]
    stamps: list[object] = field(default_factory=list)
    readers: int = 0

    @cached_property
    def addresses(self) -> dict[int, int]:
        """Where each lies."""
        return addresses_of(self.memory)

    def holds(self, stamps: list[object]) -> bool:
        """Whether these are the parameters with those stamps; without a stamp nobody knows."""
        return self.stamps == stamps and None not in stamps


@dataclass(eq=False)
class Workspace:
    """Memory for one call, and for the backward pass that may follow it."""

    samples: int
    threads: int
    memory: dict[int, Array]
    scratch: list[Array]
    rooms: list[Array]

    @cached_property
    def addresses(self) -> dict[int, int]:
        """Where each buffer that all threads share lies."""
        return addresses_of(self.memory)


class Saved:
    """What a call leaves for its backward pass; the memory goes back to the program when nobody holds this any more."""

    def __init__(self, program: Compiled, space: Workspace, packed: Packed, given: dict[int, Array]) -> None:
        self.program, self.space, self.packed, self.given = program, space, packed, given

    def __del__(self) -> None:
        self.program.release(self.space, self.packed)


class Compiled:
    """The program of a plan, for a batch of any size."""

    def __init__(self, graph: Graph, plan: Plan, outputs: int, witnesses: int = 0) -> None:
        self.graph, self.plan, self.witnesses = graph, plan, witnesses
        self.inputs = [value.spec for value in graph.inputs[: len(plan.inputs)]]
        self.outputs = [value.spec for value in graph.outputs[: outputs + witnesses]]
        self.gradients = [value.spec for value in graph.outputs[outputs + witnesses :]]
        self.limits = limits_of(graph)
        most = max((len(step.buffers) for phase in plan.phases for step in phase.steps), default=0)
        self._arguments = len(plan.buffers) + LINE  # where a thread's row of bases has room for a step's arguments
        self._width = self._arguments + most + LINE
        self._codes = {step.kernel: code_of(step.kernel) for phase in plan.phases for step in phase.steps}
        self._tables = {phase: self._table(phase) for phase in plan.phases}
        prepared = {b.number for step in plan.prepare.steps for b in step.buffers}
        self._constants = tuple(i for i, b in enumerate(plan.inputs) if b.number in prepared)
        self.batch_inputs = tuple(i for i, b in enumerate(plan.inputs) if b.kind is Kind.BATCH)
        self._lock = renewed(self, "_lock", threading.RLock)
        self._spare: list[Workspace] = []
        self._packs: list[Packed] = []

    def _table(self, phase: Phase) -> Array:
        words: list[int] = []
        for step in phase.steps:
            function = self._codes[step.kernel].address(step.kernel.name)
            words += [function, step.kernel.parts, int(step.joins), len(step.buffers)]
            for buffer in step.buffers:
                words += [buffer.number, UNIT.get(buffer.kind, 0), buffer.bytes]
        return np.array(words, np.int64)

    # Memory

    def _workspace(self, samples: int, threads: int) -> Workspace:
        """Memory for a call: what an earlier call left if it fits, as its halos are zero already."""
        with self._lock:
            for space in self._spare:
                if (space.samples, space.threads) == (samples, threads):
                    self._spare.remove(space)
                    return space
        counts = {Kind.SAVED: samples, Kind.GROUP: self._groups(samples), Kind.TOTAL: 1}
        memory = {b.number: aligned(b.bytes * counts[b.kind]) for b in self.plan.buffers if b.kind in counts}
        size = max((b.place + -(-b.bytes // 64) * 64 for b in self.plan.of_kind(Kind.SCRATCH)), default=0) * AT_ONCE
        room = max((b.bytes for b in self.plan.of_kind(Kind.ROOM)), default=0)
        own = [[aligned(each) for _ in range(threads)] for each in (size, room)]
        return Workspace(samples, threads, memory, *own)

    def _pack(self, addresses: dict[int, int], threads: int, stamps: list[object]) -> Packed:
        """The parameters laid out for the kernels: again only if they have changed, and never under a reader's eyes."""
        with self._lock:
            packed = next((p for p in self._packs if p.holds(stamps)), None)
            if packed is None:
                packed = next((p for p in self._packs if not p.readers), None)
                if packed is None:
                    packed = Packed({b.number: aligned(b.bytes) for b in self.plan.of_kind(Kind.PACKED)})
                    self._packs.append(packed)
                self._run((self.plan.prepare,), 1, threads, addresses | packed.addresses, None)
                packed.stamps = stamps
            packed.readers += 1
            return packed

    def release(self, space: Workspace, packed: Packed, keep: int = SPARE) -> None:
        """Take memory back for the next call; `keep` is known even when Python ends and forgets this file's names."""
        with self._lock:
            packed.readers -= 1
            if not packed.readers and len(self._packs) > keep:
                self._packs.remove(packed)
            if len(self._spare) < keep:
                self._spare.append(space)

    def _groups(self, samples: int) -> int:
        """How many groups of samples have sums of their own; it depends on the model and the batch alone."""
        return -(-samples // max(1, -(-samples // self._most_groups)))

    @cached_property
    def _most_groups(self) -> int:
        each = sum(b.bytes for b in self.plan.of_kind(Kind.GROUP))
        return max(1, min(GROUPS, SUMS // each if each else GROUPS))

    # Running

    def forward(self, arrays: Sequence[Array], stamps: Sequence[object] = ()) -> tuple[list[Array], Saved]:
        """The outputs, and what backward needs; an input has changed unless its stamp is equal to the last one."""
        given = [np.ascontiguousarray(a) for a in arrays]
        samples, threads = given[self.batch_inputs[0]].shape[0], get_num_threads()
        if any(given[i].shape[0] != samples for i in self.batch_inputs):
            raise ShapeError(say("run.batches"), came=", ".join(str(given[i].shape) for i in self.batch_inputs))
        for limit in self.limits:
            given[limit.index] = limit.checked(given[limit.index])
        results = self._results(self.plan.outputs, self.outputs, samples)
        inputs = {b.number: a for b, a in zip(self.plan.inputs, given, strict=True)}
        addresses = addresses_of(inputs)
        packed = self._pack(addresses, threads, [stamps[i] if stamps else None for i in self._constants])
        taken = {b.number: a for b, a in zip(self.plan.outputs, results, strict=True)}
        saved = Saved(self, self._workspace(samples, threads), packed, inputs | taken)
        self._call(self.plan.forward, saved, addresses | addresses_of(taken))
        return self.believed(results, given), saved

    def believed(self, results: list[Array], arrays: Sequence[Array]) -> list[Array]:
        """The outputs without the witnesses behind them; raises what the meaning raises if these tell that it might."""
        shown = len(results) - self.witnesses
        if any(np.isnan(witness) for witness in results[shown:]):
            forward = Graph(self.graph.inputs[: len(self.inputs)], self.graph.outputs[:shown])
            ask(forward, arrays, self.batch_inputs)
        return results[:shown]

    def backward(self, saved: Saved, doutputs: Sequence[Array]) -> list[Array]:
        """The gradient of each wanted input."""
        samples = saved.space.samples
        results = self._results(self.plan.gradients, self.gradients, samples)
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
        """Room for results; a sum over no samples is zero."""
        room = np.empty if samples else np.zeros
        return [room(shape, s.dtype) for shape, s in zip(self.shapes(buffers, specs, samples), specs, strict=True)]

    def prepared(self, phase: Phase, saved: Saved, doutputs: Sequence[Array]) -> Callable[[], None]:
        """A call that runs one phase alone on one thread, over what an earlier call left: for measuring."""
        self._tables.setdefault(phase, self._table(phase))
        addresses = addresses_of(saved.given) | saved.packed.addresses | saved.space.addresses
        addresses |= {b.number: address(a) for b, a in zip(self.plan.doutputs, doutputs, strict=False)}
        results = {b.number: aligned(b.bytes * saved.space.samples) for b in self.plan.gradients}
        bases = partial(self.bases, addresses | addresses_of(results), saved.space, 1)
        job = self.job(phase, saved.space.samples, 1, bases)
        job = replace(job, kept=(results, doutputs, saved))
        listed = np.array([1, address(job.words)], np.int64)

        def run() -> None:
            job.again()
            pool().dispatch(address(listed), 1)

        return run

    def _call(self, phases: Sequence[Phase], saved: Saved, addresses: dict[int, int]) -> None:
        space = saved.space
        addresses |= saved.packed.addresses | space.addresses
        self._run(phases, space.samples, space.threads, addresses, space)

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
            threads = workers.hire(threads)
            bases = cache(partial(self.bases, addresses, space, threads))  # the same for all phases of a kind
            jobs = [self.job(phase, samples, threads, bases) for phase in phases]
            listed = np.array([len(jobs), *(address(job.words) for job in jobs)], np.int64)
            workers.dispatch(address(listed), threads)
        finally:
            if shared:
                workers.lock.release()

    def job(self, phase: Phase, samples: int, threads: int, bases_of: Callable[[bool], Array]) -> Job:
        """What one phase is told; `bases_of` gives the addresses, as `bases`, by whether threads work alone."""
        groups, batch = self._groups(samples), samples
        size = 1
        if phase.by_samples:
            size = -(-samples // groups) if phase.sums else min(max(samples // (4 * threads), 1), AT_ONCE)
        samples = samples if phase.by_samples else 1
        count = -(-samples // size)
        alone = phase.by_samples and count >= threads
        bases = bases_of(alone)
        words = np.zeros(JOB_WORDS, np.int64)
        words[:5] = samples, threads, size, min(size, AT_ONCE), count
        words[7:12] = alone, len(phase.steps), address(self._tables[phase]), address(bases), self._width
        words[13:16] = groups, batch, self._arguments
        return Job(words, bases)

    def bases(self, addresses: dict[int, int], space: Workspace | None, threads: int, alone: bool) -> Array:
        """A row for every thread: the address of every buffer, and room for the arguments of a step.

        Threads that share each step share scratch, but no room.
        """
        bases = np.zeros((threads, self._width), np.int64)
        bases[:, list(addresses)] = list(addresses.values())
        if space is not None:
            scratch = np.array([address(memory) for memory in space.scratch[:threads]])
            rooms = np.array([address(memory) for memory in space.rooms[:threads]])
            numbers, places = self._scratch
            bases[:, numbers] = (scratch if alone else scratch[:1])[:, None] + places
            bases[:, self._rooms] = rooms[:, None]
        return bases

    @cached_property
    def _scratch(self) -> tuple[list[int], Array]:
        """Which buffers are scratch, and where each begins for the samples in hand."""
        mine = self.plan.of_kind(Kind.SCRATCH)
        return [b.number for b in mine], np.array([b.place * AT_ONCE for b in mine], np.int64)

    @cached_property
    def _rooms(self) -> list[int]:
        return [b.number for b in self.plan.of_kind(Kind.ROOM)]


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


def address(array: Array) -> int:
    """Where an array begins."""
    return int(array.ctypes.data)


def addresses_of(arrays: dict[int, Array]) -> dict[int, int]:
    """Where each array begins."""
    return {number: address(array) for number, array in arrays.items()}
