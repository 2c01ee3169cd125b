"""Softmax and log-softmax along one axis, and their gradients: contiguous rows, or many strided rows at once.

A sample has the shape (outer, size, inner), with the axis in the middle. If `inner` is 1, lanes run along the axis, in
several rows side by side; short rows are transposed in registers, so that each lane has a row of its own. Otherwise
lanes run along `inner`, each in a row of its own, in several vectors at a time: a plane may be a power of two large, so
that one vector of each plane lies in the same set of a cache.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce

import numpy as np

from knoll.graph.sizes import ceil_div
from knoll.kernels.elementwise.mathematics import exp, log
from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.lanes import joined, split
from knoll.kernels.layout.transpose import transposed
from knoll.kernels.reduction.horizontal import horizontal_sum, larger
from knoll.kernels.reduction.rows import maxima, vectors_of_rows
from knoll.kernels.reduction.sums import CHUNK
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register
from knoll.ops.formula import NEGATIVE

SHORT = 16  # numbers in a row that is transposed though a vector does not hold it: each is code of its own
ROWS_AT_ONCE = 4  # contiguous rows side by side, to hide the latency of exponentials and of sums over lanes

Lines = list[Pointer]  # a row of each array


@dataclass(frozen=True)
class SoftmaxKernel(Kernel):
    """A kernel along one axis of contiguous arrays; `log` for log-softmax."""

    outer: int
    size: int
    inner: int
    log: bool

    @property
    def title(self) -> str:
        """What it does, and the array."""
        word = "log_softmax" if self.log else "softmax"
        return f"{word}{'_dx' * (self.pointers - 2)}_{self.outer}x{self.size}x{self.inner}"

    @property
    def chunks(self) -> int:
        """Pieces that the inner numbers are cut into."""
        return ceil_div(self.inner, CHUNK)

    @property
    def parts(self) -> int:
        """Pieces of all rows."""
        return self.outer * self.chunks

    def emit(self, k: KernelBuilder) -> None:
        """Samples, pieces; rows, or vectors of rows."""
        if self.inner == 1:
            self._contiguous(k)
            return
        plane = self.size * self.inner * k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            outer, chunk = (part // self.chunks, part % self.chunks) if self.chunks > 1 else (part, 0)
            lines = [pointer + n * (self.outer * plane) + outer * plane for pointer in k.pointers]
            for j, lanes in self._vectors(k, chunk):
                self.rows(k, [line + j * k.bytes for line in lines], lanes)

    def _vectors(self, k: KernelBuilder, chunk: Integer) -> Iterator[tuple[Integer, int]]:
        """Where the vectors of a piece begin, and how many of their lanes count."""
        left, wide = self.inner % k.lanes, VECTORS_AT_ONCE * k.lanes
        whole = self.inner - left
        stop = k.minimum((chunk + 1) * CHUNK, whole)
        middle = stop - stop % wide
        if whole >= wide:
            with k.wider(VECTORS_AT_ONCE), k.loop(chunk * CHUNK, middle, k.lanes, name="j") as j:
                yield j, k.lanes
        if whole % wide:
            with k.loop(middle, stop, k.lanes, name="j") as j:
                yield j, k.lanes
        if left:
            with k.loop(0, (chunk + 1) // self.chunks, name="last"):
                yield whole, left

    def _contiguous(self, k: KernelBuilder) -> None:
        """Rows whose numbers lie side by side: those of a part of each sample, or one of each sample."""
        step = self.size * k.bytes

        def lines(first: Integer, row: Integer) -> Lines:
            return [pointer + (first + row) * step for pointer in k.pointers]

        if self.outer == 1:
            self._rows_together(k, 0, k.count * (k.last_part - k.first_part), lambda row: lines(0, row))
            return
        with k.loop(0, k.count, name="n") as n:
            self._rows_together(k, k.first_part, k.last_part, lambda row: lines(n * self.outer, row))

    def _rows_together(
        self, k: KernelBuilder, start: Integer, stop: Integer, lines: Callable[[Integer], Lines]
    ) -> None:
        """As many rows at a time as go together, then what is left."""
        for many in (*([k.lanes] if self._is_short else []), ROWS_AT_ONCE, 1):
            middle = stop - (stop - start) % many
            with k.loop(start, middle, many, name="row") as row:
                several = [lines(row + i) for i in range(many)]
                if many == k.lanes and self._is_short:
                    self._transposed(k, several)
                else:
                    self.side_by_side(k, several)
            start = middle

    @property
    def _is_short(self) -> bool:
        """Whether rows are transposed: those of a vector at most, and short ones that would end in a part of one."""
        return 2 < self.size <= self.lanes or (self.size % self.lanes > 0 and 2 < self.size < SHORT)

    def _transposed(self, k: KernelBuilder, several: list[Lines]) -> None:
        """As many rows as lanes, each a few vectors long at most.

        Parts of vectors are stored first, and whole, where that touches nothing but the beginning of the next row.
        """
        *given, results = zip(*several, strict=True)
        columns = self.columns(k, [self._columns_of(k, lines) for lines in given])
        for first in reversed(range(0, self.size, k.lanes)):
            left = min(self.size - first, k.lanes)
            square = columns[first : first + left] + [k.zero()] * (k.lanes - left)
            for row, (number, line) in enumerate(zip(transposed(k, square), results, strict=True)):
                inside = left < k.lanes and row * self.size + first + k.lanes <= k.lanes * self.size
                k.store_lanes(number, line + first * k.bytes, k.lanes if inside else left)

    def _columns_of(self, k: KernelBuilder, lines: Sequence[Pointer]) -> list[Register]:
        """The numbers at each place of as many rows as lanes."""
        columns: list[Register] = []
        for first in range(0, self.size, k.lanes):
            lanes = min(self.size - first, k.lanes)
            columns += transposed(k, [k.load_lanes(line + first * k.bytes, lanes) for line in lines])[:lanes]
        return columns

    def _store(
        self, k: KernelBuilder, vectors: list[Register], lines: Sequence[Pointer], i: Integer, lanes: int
    ) -> None:
        """A vector of each row."""
        for vector, line in zip(vectors, lines, strict=True):
            k.store_lanes(vector, line + i * k.bytes, lanes)

    @abstractmethod
    def side_by_side(self, k: KernelBuilder, several: list[Lines]) -> None:
        """Some rows whose numbers lie side by side."""

    @abstractmethod
    def columns(self, k: KernelBuilder, given: list[list[Register]]) -> list[Register]:
        """The results of rows in lanes, from the vectors along the axis of each array."""

    @abstractmethod
    def rows(self, k: KernelBuilder, lines: Lines, lanes: int) -> None:
        """As many rows as lanes, each in a lane of its own."""

    @contextmanager
    def _along_axis(self, k: KernelBuilder, *carrying: LoopCarried) -> Iterator[Integer]:
        """The places along the axis: bytes from the first."""
        with k.loop(0, self.size, carrying=carrying, name="i") as i:
            yield i * (self.inner * k.bytes)


def sum_of_columns(k: KernelBuilder, columns: list[Register]) -> Register:
    """The sum of a row in each lane, in the order of `horizontal_sum`, so that rows give the same in any company."""
    summed, half = columns[: k.lanes], k.lanes // 2
    for first in range(k.lanes, len(columns), k.lanes):
        more = columns[first : first + k.lanes]
        summed = [a + b for a, b in zip(summed, more, strict=False)] + summed[len(more) :]
    while half:
        both = [a + b for a, b in zip(summed, summed[half:], strict=False)]
        summed, half = both + summed[len(both) : half], half // 2
    return summed[0] + k.zero()  # a sum that begins at 0 is never −0


@dataclass(frozen=True)
class Softmax(SoftmaxKernel):
    """exp(x − max x) over its sum, or x − max x less the logarithm of that sum; `safe`: rows of −∞ give zeros."""

    safe: bool = False

    @property
    def title(self) -> str:
        """What it does, and the array."""
        return "safe_" * self.safe + super().title

    @property
    def pointers(self) -> int:
        """x and y."""
        return 2

    def side_by_side(self, k: KernelBuilder, several: list[Lines]) -> None:
        """Exponentials are stored in y until their sum is known."""
        (x, y), many = zip(*several, strict=True), len(several)
        best = maxima(k, x, self.size)
        with k.wider(many):
            best = self._subtracted(k, best)
            total = LoopCarried(k.zero())
        for i, lanes, vectors in vectors_of_rows(k, x, self.size, total, rest=-math.inf):
            with k.wider(many):
                shifted = joined(k, vectors) - best
                power = exp(k, shifted, NEGATIVE)
                total.value = total.number + power
                waiting = split(k, shifted if self.log else power)
            self._store(k, waiting, y, i, lanes)
        with k.wider(many):
            finish = self._finish(k, horizontal_sum(k, total.number))
        for i, lanes, vectors in vectors_of_rows(k, y, self.size):
            with k.wider(many):
                results = split(k, self._normalised(joined(k, vectors), finish))
            self._store(k, results, y, i, lanes)

    def columns(self, k: KernelBuilder, given: list[list[Register]]) -> list[Register]:
        """As `side_by_side`, in registers."""
        (x,) = given
        best = self._subtracted(k, reduce(larger, x))
        shifted = [number - best for number in x]
        powers = [exp(k, number, NEGATIVE) for number in shifted]
        finish = self._finish(k, sum_of_columns(k, powers))
        return [self._normalised(number, finish) for number in (shifted if self.log else powers)]

    def rows(self, k: KernelBuilder, lines: Lines, lanes: int) -> None:
        """As `side_by_side`, without reductions across lanes."""
        x, y = lines
        best, total = LoopCarried(k.constant(-math.inf)), LoopCarried(k.zero())
        with self._along_axis(k, best) as step:
            best.value = larger(k.load_lanes(x + step, lanes), best.number)
        peak = self._subtracted(k, best.number)
        with self._along_axis(k, total) as step:
            numbers = k.load_lanes(x + step, lanes) - peak
            total.value = total.number + self._waiting(k, numbers, y + step, lanes)
        finish = self._finish(k, total.number)
        with self._along_axis(k) as step:
            k.store_lanes(self._normalised(k.load_lanes(y + step, lanes), finish), y + step, lanes)

    def _subtracted(self, k: KernelBuilder, best: Register) -> Register:
        """What is subtracted from each number: −∞ less the lowest number is −∞, whose exponential is 0."""
        return larger(k.constant(float(np.finfo(k.dtype).min)), best) if self.safe else best

    def _waiting(self, k: KernelBuilder, shifted: Register, place: Pointer, lanes: int) -> Register:
        """The exponentials of a vector; what the result is made of is stored in y."""
        power = exp(k, shifted, NEGATIVE)
        k.store_lanes(shifted if self.log else power, place, lanes)
        return power

    def _normalised(self, waiting: Register, finish: Register) -> Register:
        return waiting - finish if self.log else waiting * finish

    def _finish(self, k: KernelBuilder, total: Register) -> Register:
        """What each number is normalised by: one division for all, as the sum is 1 or more, or 0 of a safe row."""
        total = larger(k.constant(1.0), total) if self.safe else total
        return log(k, total) if self.log else k.constant(1.0) / total


@dataclass(frozen=True)
class SoftmaxGradient(SoftmaxKernel):
    """y · (dy − Σ y · dy), or dy − exp(y) · Σ dy."""

    @property
    def pointers(self) -> int:
        """dy, y and dx."""
        return 3

    def side_by_side(self, k: KernelBuilder, several: list[Lines]) -> None:
        """A sum, then each number."""
        (dy, y, dx), many = zip(*several, strict=True), len(several)
        with k.wider(many):
            total = LoopCarried(k.zero())
        for i, lanes, vectors in vectors_of_rows(k, dy, self.size, total):
            probabilities = [k.load_lanes(line + i * k.bytes, lanes) for line in y]
            with k.wider(many):
                total.value = total.number + self._part(joined(k, vectors), joined(k, probabilities))
        with k.wider(many):
            whole = horizontal_sum(k, total.number)
        for i, lanes, vectors in vectors_of_rows(k, dy, self.size):
            probabilities = [k.load_lanes(line + i * k.bytes, lanes) for line in y]
            with k.wider(many):
                results = split(k, self._slope(k, joined(k, vectors), joined(k, probabilities), whole))
            self._store(k, results, dx, i, lanes)

    def columns(self, k: KernelBuilder, given: list[list[Register]]) -> list[Register]:
        """As `side_by_side`, in registers."""
        pairs = list(zip(given[0], given[1], strict=True))
        whole = sum_of_columns(k, [self._part(dy, y) for dy, y in pairs])
        return [self._slope(k, dy, y, whole) for dy, y in pairs]

    def rows(self, k: KernelBuilder, lines: Lines, lanes: int) -> None:
        """As `side_by_side`, without reductions across lanes."""
        dy, y, dx = lines
        total = LoopCarried(k.zero())
        with self._along_axis(k, total) as step:
            part = self._part(k.load_lanes(dy + step, lanes), k.load_lanes(y + step, lanes))
            total.value = total.number + part
        with self._along_axis(k) as step:
            d, probability = k.load_lanes(dy + step, lanes), k.load_lanes(y + step, lanes)
            k.store_lanes(self._slope(k, d, probability, total.number), dx + step, lanes)

    def _part(self, dy: Register, y: Register) -> Register:
        return dy if self.log else dy * y

    def _slope(self, k: KernelBuilder, dy: Register, y: Register, total: Register) -> Register:
        return dy - exp(k, y, NEGATIVE) * total if self.log else y * (dy - total)
