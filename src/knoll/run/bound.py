"""A compiled program bound to its parameters, for inference with little overhead per call.

Workspace and tables are laid out once; a call writes the addresses of its inputs and outputs and enters native code.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from knoll.graph import Array
from knoll.locks import renewed
from knoll.plan.plan import Kind
from knoll.run.compiled import CompiledProgram, SavedContext, new_arrays
from knoll.run.launch import Launch
from knoll.run.lru import kept
from knoll.run.stamp import Stamp
from knoll.run.threads import pool

MAX_LAUNCHES = 64  # sizes of batches that are laid out


class Bindings:
    """A compiled program and its parameters, laid out for each batch size on first use. All sizes share a workspace."""

    program: CompiledProgram

    def __init__(
        self, program: CompiledProgram, arrays: Sequence[Array], stamps: Sequence[Stamp | None], batch: Sequence[int]
    ) -> None:
        self.program, self._arrays, self._stamps, self._batch = program, list(arrays), stamps, list(batch)
        self._saved: SavedContext | None = None
        self._launches: dict[tuple[int, int], Launch] = {}  # by samples and threads
        self._lock = renewed(self, "_lock", threading.Lock)
        plan = program.plan
        assert all(plan.inputs[i].kind is Kind.BATCH for i in batch)
        self._places = [*(plan.inputs[i].number for i in batch), *(buffer.number for buffer in plan.outputs)]
        self._index_checks = [(self._batch.index(c.index), c) for c in program.index_checks if c.index in batch]
        for check in program.index_checks:
            if check.index not in batch:
                self._arrays[check.index] = check.checked(arrays[check.index])

    def __call__(self, samples: int, arrays: list[Array], out: Sequence[Array] = ()) -> list[Array]:
        """The outputs for contiguous arrays of `samples` samples: those in `out` if there are any, else new ones.

        Indices in the list, which is the call's own, are replaced by the checked ones.
        """
        program = self.program
        for place, check in self._index_checks:
            arrays[place] = check.checked(arrays[place])
        threads = program.threads(samples)
        with self._lock:
            if threads == 1:
                results = self._run(samples, 1, arrays, out)
            else:
                with pool().lent(threads) as available:
                    results = self._run(samples, available, arrays, out)
        return program.guarded(results, self._all_arrays(arrays)) if program.nan_guards else results

    def _run(self, samples: int, threads: int, arrays: list[Array], out: Sequence[Array]) -> list[Array]:
        launch = self._launches.get((samples, threads)) or self._laid_out(samples, threads)
        specs = self.program.specs(samples)
        results = [*out, *new_arrays(specs[len(out) :], samples)] if out else new_arrays(specs, samples)
        launch.place(self._places, arrays + results)
        pool().run(launch)
        return results

    def _laid_out(self, samples: int, threads: int) -> Launch:
        """A launch with its parameters, in memory that all calls share, and that is replaced where it is too small."""
        program, saved = self.program, self._saved
        if saved is None or not saved.space.extent.covers(program.extent(samples, program.threads(samples))):
            saved = self._saved = program.begin(self._arrays, self._stamps, samples, program.threads(samples))
            self._launches.clear()
        launch = program.layout.launch(saved.space.launches, program.plan.forward, samples, threads, saved.space)
        launch.place_packed(saved.packed.addresses)
        launch.place(program.given_inputs, saved.given)
        return kept(self._launches, (samples, threads), launch, MAX_LAUNCHES)

    def _all_arrays(self, arrays: Sequence[Array]) -> list[Array]:
        every = list(self._arrays)
        for index, array in zip(self._batch, arrays, strict=True):
            every[index] = array
        return every
