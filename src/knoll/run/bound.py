"""A compiled program bound to its parameters, for inference with little overhead per call.

Workspace and tables are laid out once; a call writes the addresses of its inputs and outputs and enters native code.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from knoll.graph import Array
from knoll.locks import renewed
from knoll.plan.plan import Kind
from knoll.run.compiled import CompiledProgram, SavedContext
from knoll.run.launch import Launch, Signature
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
        self._launches: dict[tuple[int, int, int], Launch] = {}  # by samples, threads, and results that are given
        self._last: tuple[Launch, int] | None = None  # and its samples
        self._lock = renewed(self, "_lock", threading.Lock)
        assert all(program.plan.inputs[i].kind is Kind.BATCH for i in batch)
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
        with self._lock, pool().lent(program.threads(samples)) as threads:
            launch = self._launches.get((samples, threads, len(out))) or self._laid_out(samples, threads, len(out))
            results = [*out, *pool().run(launch, [*arrays, *out])]
        if program.nan_guards:
            return program.guarded(results, self._all_arrays(arrays))
        if not (self._index_checks or out):
            self._last = launch, samples
        return results

    def again(self, arrays: Sequence[Array]) -> list[Array] | None:
        """The outputs for arrays like those of the last call; None for others, and where numbers have to be checked."""
        with self._lock:
            if self._last is None:
                return None
            launch, samples = self._last
            with pool().lent(self.program.threads(samples)) as threads:
                return pool().run_as_is(launch, arrays) if threads == launch.threads else None

    def _laid_out(self, samples: int, threads: int, out: int) -> Launch:
        """A launch with its parameters, in memory that all calls share, and that is replaced where it is too small.

        The first `out` of its results lie in arrays that are given.
        """
        program, saved = self.program, self._saved
        if saved is None or not saved.space.extent.covers(program.extent(samples, program.threads(samples))):
            saved = self._saved = program.begin(self._arrays, self._stamps, samples, program.threads(samples))
            self._last = None
            self._launches.clear()
        signature = program.forward_signature(samples)
        parameters = [*zip(signature.takes, saved.given, strict=True)]
        inputs = program.operands(program.plan.inputs, program.inputs, samples)
        taken = Signature([*(inputs[i] for i in self._batch), *signature.gives[:out]], signature.gives[out:])
        launch = program.layout.new(program.plan.forward, samples, threads, saved.space, taken)
        launch.place_packed(saved.packed.addresses)
        for operand, array in parameters:
            launch.place(operand.number, array)
        return kept(self._launches, (samples, threads, out), launch, MAX_LAUNCHES)

    def _all_arrays(self, arrays: Sequence[Array]) -> list[Array]:
        every = list(self._arrays)
        for index, array in zip(self._batch, arrays, strict=True):
            every[index] = array
        return every
