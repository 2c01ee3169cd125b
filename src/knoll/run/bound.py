"""A compiled program bound to its parameters, for inference with little overhead per call.

Workspace and tables are laid out once; a call writes the addresses of its inputs and outputs and enters native code.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

from knoll.graph import Array, Shape
from knoll.graph.spec import DType
from knoll.locks import renewed
from knoll.plan.plan import Kind
from knoll.run.compiled import CompiledProgram, SavedContext, new_arrays
from knoll.run.launch import Launch
from knoll.run.stamp import Stamp
from knoll.run.threads import pool

MAX_CALLS = 64  # sizes of batches whose calls are laid out


class Call(NamedTuple):
    """A call for so many samples and threads, laid out but for its arrays; its results' shapes and element types."""

    launch: Launch
    results: list[tuple[Shape, DType]]


class Bindings:
    """A compiled program and its parameters, laid out for each batch size on first use. All sizes share a workspace."""

    def __init__(
        self, program: CompiledProgram, arrays: Sequence[Array], stamps: Sequence[Stamp | None], batch: Sequence[int]
    ) -> None:
        self._program, self._arrays, self._stamps, self._batch = program, list(arrays), stamps, list(batch)
        self._saved: SavedContext | None = None
        self._calls: dict[tuple[int, int], Call] = {}
        self._lock = renewed(self, "_lock", threading.Lock)
        plan = program.plan
        assert all(plan.inputs[i].kind is Kind.BATCH for i in batch)
        self._inputs = [plan.inputs[i].number for i in batch]
        self._outputs = [buffer.number for buffer in plan.outputs]
        self._index_checks = [(self._batch.index(c.index), c) for c in program.index_checks if c.index in batch]
        for check in program.index_checks:
            if check.index not in batch:
                self._arrays[check.index] = check.checked(arrays[check.index])

    def __call__(self, samples: int, *arrays: Array, out: Sequence[Array] = ()) -> list[Array]:
        """The outputs for contiguous arrays of `samples` samples: those in `out` if there are any, else new ones."""
        program, workers, given = self._program, pool(), list(arrays)
        for place, check in self._index_checks:
            given[place] = check.checked(given[place])
        with self._lock, workers.lent(program.threads(samples)) as threads:
            launch, kinds = self._calls.get((samples, threads)) or self._laid_out(samples, threads)
            results = [*out, *new_arrays(kinds[len(out) :])]
            launch.place(zip(self._inputs, given, strict=True))
            launch.place(zip(self._outputs, results, strict=True))
            workers.run(launch)
        return program.guarded(results, self._every(given)) if program.nan_guards else results

    def _laid_out(self, samples: int, threads: int) -> Call:
        """A call with its parameters, in memory that all calls share, and that is replaced where it is too small."""
        program, saved = self._program, self._saved
        if saved is None or not saved.space.extent.covers(program.extent(samples, program.threads(samples))):
            saved = self._saved = program.begin(self._arrays, self._stamps, samples, program.threads(samples))
            self._calls.clear()
        while len(self._calls) >= MAX_CALLS:
            del self._calls[next(iter(self._calls))]
        forward, outputs = program.plan.forward, program.plan.outputs
        launch = program.launch(saved.space.launches, "forward", forward, samples, threads, saved.space)
        launch.place_packed(saved.packed.addresses)
        launch.place((number, array) for number, array in saved.given.items() if number not in self._inputs)
        shapes = program.shapes(outputs, program.outputs, samples)
        call = Call(launch, list(zip(shapes, [spec.dtype for spec in program.outputs], strict=True)))
        self._calls[samples, threads] = call
        return call

    def _every(self, arrays: Sequence[Array]) -> list[Array]:
        every = list(self._arrays)
        for index, array in zip(self._batch, arrays, strict=True):
            every[index] = array
        return every
