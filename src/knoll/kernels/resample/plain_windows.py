"""Windows over plain images: averages, enlarging, padding and maxima. Vector lanes run along the columns of results.

No pass is needed to lay channels side by side. Where images begin and end a program in the plain layout, one pass over
them is all there is.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import partial
from math import frexp, inf
from typing import ClassVar

from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.horizontal import larger
from knoll.kernels.resample.resample import added
from knoll.kernels.resample.runs import Pattern, Run, in_lanes, runs_of, sorted_into_lanes
from knoll.kernels.resample.sparse_table import SparseTable
from knoll.kernels.resample.vertical import Vertical
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer, Register
from knoll.ops.resample.tables import Table


@dataclass(frozen=True)
class PlainWindows(Kernel):
    """Every result joins the rows that `rows` names for it, and of these the columns that `columns` names."""

    source: Images
    target: Images
    rows: Table
    columns: Table

    word = ""
    start: ClassVar[float] = 0.0  # what rows are joined to where they are joined in a loop

    @property
    def title(self) -> str:
        """Operation, images, and what they become."""
        return f"{self.word}_{self.source.c}x{self.source.h}x{self.source.w}_{self.target.h}x{self.target.w}"

    @property
    def pointers(self) -> int:
        """x and y."""
        return 2

    @property
    def parts(self) -> int:
        """Channels times rows of results."""
        return self.target.c * self.target.h

    def emit(self, k: KernelBuilder) -> None:
        """Samples, channels and rows, runs of vectors."""
        x, source, target, b = k.pointers[0], self.source, self.target, k.bytes
        down = SparseTable(k, self.rows, source.row * b)
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            channel, i = part // target.h, part % target.h
            image = x + n * (source.size * b) + channel * (source.plane * b)
            line = n * target.size + part * target.row
            vertical = Vertical(k, down, i, partial(self.joined, k), self.start)
            for run in runs_of(self.columns, k.lanes) or ():
                self._run(k, run, vertical, i, image, line)

    def _run(
        self, k: KernelBuilder, run: Run, vertical: Vertical, i: IntRegister, image: Pointer, line: IntRegister
    ) -> None:
        """All vectors of a run."""
        if run.count == 1:
            self.vector(k, run, 0, vertical, i, image, line)
            return
        with k.loop(0, run.count, name="j") as j:
            self.vector(k, run, j, vertical, i, image, line)

    def vector(
        self,
        k: KernelBuilder,
        run: Run,
        j: Integer,
        vertical: Vertical,
        i: IntRegister,
        image: Pointer,
        line: IntRegister,
    ) -> None:
        """Vector `j` of a run; there are so many results before the line."""
        pattern, first = run.pattern, image + run.column * k.bytes + j * (run.step * k.bytes)
        lanes = dict(pattern.loads)

        def read(row: Integer, offset: int) -> Register:
            return k.load_lanes(first + row + offset * k.bytes, lanes[offset])

        loaded = vertical.joined(lanes, read)
        total: Register | None = None
        for tap, columns in enumerate(pattern.taps):
            weight = in_lanes(k, pattern.weights[tap], 0.0) if pattern.weights else None
            total = self.joined(k, total, sorted_into_lanes(k, loaded, columns), weight)
        result = self.finished(k, total or k.zero(), pattern, vertical.down.divisor(i))
        place = line + run.first + j * k.lanes
        k.store_lanes(result, k.pointers[1] + place * k.bytes, len(pattern.divisors))

    @abstractmethod
    def joined(self, k: KernelBuilder, total: Register | None, value: Register, weight: Register | None) -> Register:
        """What there is so far, and one more."""

    @abstractmethod
    def finished(self, k: KernelBuilder, total: Register, pattern: Pattern, divisor: Register | None) -> Register:
        """The result; `divisor` is that of the row where rows differ."""


@dataclass(frozen=True)
class PlainResample(PlainWindows):
    """y[i, j] = Σ_r Σ_s rows[i, r] · columns[j, s] · x[r, s], as `Resample`."""

    word = "resample2d_plain"

    def joined(self, k: KernelBuilder, total: Register | None, value: Register, weight: Register | None) -> Register:
        """The weighted sum."""
        return added(k, total, value, weight)

    def finished(self, k: KernelBuilder, total: Register, pattern: Pattern, divisor: Register | None) -> Register:
        """The sum over the divisors of row and column."""
        divisors = [each * (self.rows.divisor or 1.0) for each in pattern.divisors]
        if divisor is not None:
            return total / (in_lanes(k, divisors, 1.0) * divisor)
        if all(each == 1 for each in divisors):
            return total
        if all(abs(frexp(each)[0]) == 0.5 for each in divisors):  # powers of two
            return total * in_lanes(k, [1 / each for each in divisors], 1.0)
        return total / in_lanes(k, divisors, 1.0)


@dataclass(frozen=True)
class PlainMaxPool(PlainWindows):
    """The maximum of each window; a NaN stays. Windows at the border name their nearest elements more than once."""

    word = "max_pool2d_plain"
    start: ClassVar[float] = -inf

    def joined(self, k: KernelBuilder, total: Register | None, value: Register, weight: Register | None) -> Register:  # noqa: ARG002 (all are 1)
        """The larger."""
        return value if total is None else value.compare("uno", value).select(value, larger(value, total))

    def finished(self, k: KernelBuilder, total: Register, pattern: Pattern, divisor: Register | None) -> Register:  # noqa: ARG002 (it is)
        """The maximum itself."""
        return total
