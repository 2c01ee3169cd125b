"""A program bound to its parameters and to one batch size: nothing is left to do for each call but the call.

Memory and tables are laid out once; a call writes two addresses and enters native code.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from knoll.graph import Array, Spec
from knoll.plan.plan import Kind
from knoll.run.compiled import Compiled, address, addresses_of
from knoll.run.threads import get_num_threads, pool


class Bound:
    """A compiled program with everything but its batch inputs already in place."""

    def __init__(self, program: Compiled, arrays: Sequence[Array], batch: Sequence[int]) -> None:
        self.specs = tuple(Spec(arrays[i].shape, arrays[i].dtype) for i in batch)
        samples, self._threads = arrays[batch[0]].shape[0], get_num_threads()
        _, self._saved = program.forward(arrays)  # packs the parameters, and keeps them packed
        space, plan = self._saved.space, program.plan
        addresses = (
            addresses_of(self._saved.given) | addresses_of(self._saved.packed.memory) | addresses_of(space.memory)
        )
        self._job = program.job(plan.forward[0], samples, self._threads, addresses, space)
        self._list = np.array([1, address(self._job.words)], np.int64)
        self._address = address(self._list)
        self._inputs = [plan.inputs[i].number for i in batch]
        self._outputs = [
            (b.number, (samples, *spec.shape[1:]), spec.dtype)
            for b, spec in zip(plan.outputs, program.outputs, strict=True)
        ]
        self._lock = threading.Lock()
        assert all(plan.inputs[i].kind is Kind.BATCH for i in batch)

    def __call__(self, *arrays: Array) -> list[Array]:
        """The outputs for arrays of exactly the bound shapes, contiguous."""
        results = [np.empty(shape, dtype) for _, shape, dtype in self._outputs]
        with self._lock:
            for number, array in zip(self._inputs, arrays, strict=True):
                self._job.bases[:, number] = address(array)
            for (number, _, _), result in zip(self._outputs, results, strict=True):
                self._job.bases[:, number] = address(result)
            self._job.again()
            workers = pool()
            with workers.lock:
                workers.hire(self._threads)
                workers.dispatch(self._address, self._threads)
        return results
