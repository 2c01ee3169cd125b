"""A compiled program bound to its parameters and to a batch size, for inference with little overhead per call.

Workspace and tables are prepared once; a call writes the addresses of its input and output and enters native code.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache, partial

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array
from knoll.locks import renewed
from knoll.messages import say
from knoll.plan.plan import Kind
from knoll.run.compiled import CompiledProgram, SavedContext
from knoll.run.stamp import Stamp
from knoll.run.threads import get_num_threads, pool
from knoll.run.workspace import address, addresses_of

MAX_BATCH_SIZES = 256  # whose tables are kept; those of a large network take some kilobytes


class Bindings:
    """A compiled program and its parameters, bound to each batch size on first use; all sizes share one workspace."""

    def __init__(
        self, program: CompiledProgram, arrays: Sequence[Array], stamps: Sequence[Stamp | None], batch: Sequence[int]
    ) -> None:
        self._program, self._arrays, self._stamps, self._batch = program, list(arrays), stamps, list(batch)
        self._bound: dict[int, Bound] = {}
        self._saved: SavedContext | None = None
        assert all(program.plan.inputs[i].kind is Kind.BATCH for i in batch)
        for check in program.index_checks:
            if check.index not in batch:
                self._arrays[check.index] = check.checked(arrays[check.index])

    def __call__(self, samples: int, *arrays: Array) -> list[Array]:
        """The outputs for contiguous arrays of `samples` samples."""
        bound = self._bound.get(samples)
        return (bound or self._new(samples))(*arrays)

    def _new(self, samples: int) -> Bound:
        threads = get_num_threads()
        if self._saved is None or not self._saved.space.extent.covers(self._program.extent(samples, threads)):
            self._saved = self._program.begin(self._arrays, self._stamps, samples, threads)
            self._bound.clear()
        while len(self._bound) >= MAX_BATCH_SIZES:
            self._bound.pop(next(iter(self._bound)), None)
        bound = self._bound[samples] = Bound(self._program, self._saved, self._arrays, self._batch, samples, threads)
        return bound


class Bound:
    """A compiled program with everything bound but its batch inputs and outputs."""

    def __init__(
        self,
        program: CompiledProgram,
        saved: SavedContext,
        arrays: list[Array],
        batch: list[int],
        samples: int,
        threads: int,
    ) -> None:
        self._program, self._saved, self._arrays, self._batch = program, saved, arrays, batch
        self._samples, self._threads, self._laid_out = samples, threads, 0
        plan = program.plan
        self._bases = partial(program.bases, addresses_of(saved.given) | saved.addresses, saved.space)
        self._inputs = [plan.inputs[i].number for i in batch]
        shapes = program.shapes(plan.outputs, program.outputs, samples)
        self._outputs = [
            (b.number, shape, spec.dtype) for b, shape, spec in zip(plan.outputs, shapes, program.outputs, strict=True)
        ]
        self._index_checks = [
            (batch.index(check.index), check) for check in program.index_checks if check.index in batch
        ]
        self._lock = renewed(self, "_lock", threading.Lock)

    def __call__(self, *arrays: Array) -> list[Array]:
        """The outputs for contiguous arrays of exactly the bound shapes."""
        given = list(arrays)
        for place, check in self._index_checks:
            given[place] = check.checked(given[place])
        try:
            results = [np.empty(shape, dtype) for _, shape, dtype in self._outputs]
        except MemoryError as error:
            raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None
        workers = pool()
        with self._lock, workers.lock:
            self._lay_out(workers.start(self._threads))
            for job in self._jobs:
                for number, array in zip(self._inputs, given, strict=True):
                    job.bases[:, number] = address(array)
                for (number, _, _), result in zip(self._outputs, results, strict=True):
                    job.bases[:, number] = address(result)
                job.again()
            workers.dispatch(self._address, self._laid_out)
        return self._program.guarded(results, self._every(given)) if self._program.nan_guards else results

    def _lay_out(self, threads: int) -> None:
        """Prepare the jobs for a number of threads, which is smaller than asked for if the system starts no more."""
        if threads == self._laid_out:
            return
        program, bases = self._program, cache(partial(self._bases, threads))
        phases = [phase for phase in program.plan.forward if phase.steps]
        self._jobs = [program.job(phase, self._samples, threads, self._saved.space, bases) for phase in phases]
        self._list = np.array([len(self._jobs), *(address(job.words) for job in self._jobs)], np.int64)
        self._address, self._laid_out = address(self._list), threads

    def _every(self, arrays: Sequence[Array]) -> list[Array]:
        every = list(self._arrays)
        for index, array in zip(self._batch, arrays, strict=True):
            every[index] = array
        return every
