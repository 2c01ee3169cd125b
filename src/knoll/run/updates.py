"""Updates in machine code: one launch for all parameters of an optimiser, shared by threads in stretches of arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.kernels.elementwise.nest import STRETCH
from knoll.kernels.elementwise.update import Update
from knoll.llvm.code import Code
from knoll.machine import host
from knoll.ops.update_rule import UpdateRule
from knoll.run.code_cache import code_of
from knoll.run.single_step import MIN_SHARED, single_step
from knoll.run.threads import get_num_threads, pool
from knoll.run.workspace import address

MOST_SPARE = 16  # calls that are laid out and kept for the next time


class _Call:
    """A launch of so many stretches on so many threads: one step, whose parts are the rows of a table."""

    def __init__(self, program: UpdateProgram, stretches: int, threads: int) -> None:
        kernel = program.kernel
        self.table = np.zeros((stretches, kernel.columns), np.int64)
        self.factors = np.zeros(len(kernel.rule.factors), kernel.dtype)
        self.launch = single_step(program.code.address(kernel.name), stretches, 2, 2, threads, program.code)


class UpdateProgram:
    """The machine code of a rule, for parameters of one element type."""

    kernel: Update
    code: Code

    def __init__(self, rule: UpdateRule, dtype: DType) -> None:
        self.kernel = Update(host(), dtype.name, rule)
        self.code = code_of(self.kernel)
        self._spare: dict[tuple[int, int], _Call] = {}

    def run(self, updates: Sequence[Sequence[Array]], factors: Sequence[float]) -> None:
        """Update parameters in place, each given with its gradient and what is remembered of it: contiguous arrays."""
        total = sum([arrays[0].size for arrays in updates])
        rows = self._stretches([[*map(address, arrays), arrays[0].size] for arrays in updates])
        with pool().lent(get_num_threads() if total >= MIN_SHARED else 1) as threads:
            key = len(rows), threads
            call = self._spare.pop(key, None) or _Call(self, *key)
            call.table[...], call.factors[...] = rows, factors
            pool().run(call.launch, [call.table, call.factors])
        if len(self._spare) >= MOST_SPARE:
            self._spare.clear()
        self._spare[key] = call

    def _stretches(self, rows: Sequence[Sequence[int]]) -> Sequence[Sequence[int]] | Array:
        """Rows of the table for stretches of arrays, made of those for whole ones."""
        if max([row[-1] for row in rows]) <= STRETCH:
            return rows
        whole = np.array(rows, np.int64)
        stretches = (whole[:, -1] + STRETCH - 1) // STRETCH
        ends = np.cumsum(stretches)
        number = np.arange(ends[-1]) - np.repeat(ends - stretches, stretches)  # of a stretch in its array
        table = np.repeat(whole, stretches, axis=0)
        table[:, :-1] += (number * (STRETCH * self.kernel.dtype.itemsize))[:, None]
        table[:, -1] = np.minimum(table[:, -1] - number * STRETCH, STRETCH)
        return table
