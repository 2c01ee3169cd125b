"""A program bound to its parameters and to one batch size: nothing is left to do for each call but the call.

Memory and tables are laid out once; a call writes two addresses and enters native code.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache, partial

import numpy as np

from knoll.graph import Array, Spec
from knoll.locks import renewed
from knoll.plan.plan import Kind
from knoll.run.compiled import Compiled, address, addresses_of
from knoll.run.threads import get_num_threads, pool


class Bound:
    """A compiled program with everything but its batch inputs already in place."""

    def __init__(self, program: Compiled, arrays: Sequence[Array], batch: Sequence[int]) -> None:
        self._program, self._arrays, self._batch = program, list(arrays), list(batch)
        self.specs = tuple(Spec(arrays[i].shape, arrays[i].dtype) for i in batch)
        samples, self._threads = arrays[batch[0]].shape[0], get_num_threads()
        _, self._saved = program.forward(arrays)  # packs the parameters, and keeps them packed
        space, plan = self._saved.space, program.plan
        addresses = (
            addresses_of(self._saved.given) | addresses_of(self._saved.packed.memory) | addresses_of(space.memory)
        )
        self._bases = partial(program.bases, addresses, space)
        self._samples, self._laid_out = samples, 0
        self._inputs = [plan.inputs[i].number for i in batch]
        shapes = program.shapes(plan.outputs, program.outputs, samples)
        self._outputs = [
            (b.number, shape, spec.dtype) for b, shape, spec in zip(plan.outputs, shapes, program.outputs, strict=True)
        ]
        self._limits = [(list(batch).index(limit.index), limit) for limit in program.limits if limit.index in batch]
        self._lock = renewed(self, "_lock", threading.Lock)
        assert all(plan.inputs[i].kind is Kind.BATCH for i in batch)

    def __call__(self, *arrays: Array) -> list[Array]:
        """The outputs for arrays of exactly the bound shapes, contiguous."""
        given = list(arrays)
        for place, limit in self._limits:
            given[place] = limit.checked(given[place])
        results = [np.empty(shape, dtype) for _, shape, dtype in self._outputs]
        workers = pool()
        with self._lock, workers.lock:
            self._lay_out(workers.hire(self._threads))
            for job in self._jobs:
                for number, array in zip(self._inputs, given, strict=True):
                    job.bases[:, number] = address(array)
                for (number, _, _), result in zip(self._outputs, results, strict=True):
                    job.bases[:, number] = address(result)
                job.again()
            workers.dispatch(self._address, self._laid_out)
        return self._program.believed(results, self._every(given)) if self._program.witnesses else results

    def _lay_out(self, threads: int) -> None:
        """What so many threads are told; there may be fewer than asked for, where the system lets no more begin."""
        if threads == self._laid_out:
            return
        program, bases = self._program, cache(partial(self._bases, threads))
        phases = [phase for phase in program.plan.forward if phase.steps]
        self._jobs = [program.job(phase, self._samples, threads, bases) for phase in phases]
        self._list = np.array([len(self._jobs), *(address(job.words) for job in self._jobs)], np.int64)
        self._address, self._laid_out = address(self._list), threads

    def _every(self, arrays: Sequence[Array]) -> list[Array]:
        every = list(self._arrays)
        for index, array in zip(self._batch, arrays, strict=True):
            every[index] = array
        return every
