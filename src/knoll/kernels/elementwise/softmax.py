"""Softmax and log-softmax along one axis, and their gradients: one contiguous row, or many strided rows at once.

A sample has the shape (outer, size, inner), with the axis in the middle. If `inner` is 1, lanes run along the axis;
otherwise they run along `inner`, each in a row of its own.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.elementwise.mathematics import exp, log
from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.horizontal import horizontal_sum, larger
from knoll.kernels.reduction.rows import row_max, row_vectors
from knoll.kernels.reduction.sums import CHUNK
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register


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
        """Samples, pieces; a row, or vectors of rows."""
        plane = self.size * self.inner * k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            outer, chunk = (part // self.chunks, part % self.chunks) if self.chunks > 1 else (part, 0)
            lines = [pointer + n * (self.outer * plane) + outer * plane for pointer in k.pointers]
            if self.inner == 1:
                self.row(k, lines)
                return
            for j, lanes in self._vectors(k, chunk):
                self.rows(k, [line + j * k.bytes for line in lines], lanes)

    def _vectors(self, k: KernelBuilder, chunk: Integer) -> Iterator[tuple[Integer, int]]:
        """Where the vectors of a piece begin, and how many of their lanes count."""
        left = self.inner % k.lanes
        whole = self.inner - left
        if whole:
            with k.loop(chunk * CHUNK, k.minimum((chunk + 1) * CHUNK, whole), k.lanes, name="j") as j:
                yield j, k.lanes
        if left:
            with k.loop(0, (chunk + 1) // self.chunks, name="last"):
                yield whole, left

    @abstractmethod
    def row(self, k: KernelBuilder, lines: list[Pointer]) -> None:
        """One row whose numbers lie side by side; a line for each array."""

    @abstractmethod
    def rows(self, k: KernelBuilder, lines: list[Pointer], lanes: int) -> None:
        """As many rows as lanes, each in a lane of its own."""

    @contextmanager
    def _along_axis(self, k: KernelBuilder, *carrying: LoopCarried) -> Iterator[Integer]:
        """The places along the axis: bytes from the first."""
        with k.loop(0, self.size, carrying=carrying, name="i") as i:
            yield i * (self.inner * k.bytes)


@dataclass(frozen=True)
class Softmax(SoftmaxKernel):
    """exp(x − max x) over its sum, or x − max x less the logarithm of that sum."""

    @property
    def pointers(self) -> int:
        """x and y."""
        return 2

    def row(self, k: KernelBuilder, lines: list[Pointer]) -> None:
        """Exponentials are stored in y until their sum is known."""
        x, y = lines
        best, total = row_max(k, x, self.size), LoopCarried(k.zero())
        for i, lanes, numbers in row_vectors(k, x, self.size, total, rest=-math.inf):
            total.value = total.number + self._waiting(k, numbers - best, y + i * k.bytes, lanes)
        whole = horizontal_sum(k, total.number)
        finish = log(k, whole) if self.log else whole
        for i, lanes, waiting in row_vectors(k, y, self.size):
            k.store_lanes(self._normalised(waiting, finish), y + i * k.bytes, lanes)

    def rows(self, k: KernelBuilder, lines: list[Pointer], lanes: int) -> None:
        """As `row`, without reductions across lanes."""
        x, y = lines
        best, total = LoopCarried(k.constant(-math.inf)), LoopCarried(k.zero())
        with self._along_axis(k, best) as step:
            best.value = larger(k.load_lanes(x + step, lanes), best.number)
        with self._along_axis(k, total) as step:
            numbers = k.load_lanes(x + step, lanes) - best.number
            total.value = total.number + self._waiting(k, numbers, y + step, lanes)
        finish = log(k, total.number) if self.log else total.number
        with self._along_axis(k) as step:
            k.store_lanes(self._normalised(k.load_lanes(y + step, lanes), finish), y + step, lanes)

    def _waiting(self, k: KernelBuilder, shifted: Register, place: Pointer, lanes: int) -> Register:
        """The exponentials of a vector; what the result is made of is stored in y."""
        power = exp(k, shifted)
        k.store_lanes(shifted if self.log else power, place, lanes)
        return power

    def _normalised(self, waiting: Register, finish: Register) -> Register:
        return waiting - finish if self.log else waiting / finish


@dataclass(frozen=True)
class SoftmaxGradient(SoftmaxKernel):
    """y · (dy − Σ y · dy), or dy − exp(y) · Σ dy."""

    @property
    def pointers(self) -> int:
        """dy, y and dx."""
        return 3

    def row(self, k: KernelBuilder, lines: list[Pointer]) -> None:
        """A sum, then each number."""
        dy, y, dx = lines
        total = LoopCarried(k.zero())
        for i, lanes, d in row_vectors(k, dy, self.size, total):
            total.value = total.number + self._part(d, k.load_lanes(y + i * k.bytes, lanes))
        whole = horizontal_sum(k, total.number)
        for i, lanes, d in row_vectors(k, dy, self.size):
            probability = k.load_lanes(y + i * k.bytes, lanes)
            k.store_lanes(self._slope(k, d, probability, whole), dx + i * k.bytes, lanes)

    def rows(self, k: KernelBuilder, lines: list[Pointer], lanes: int) -> None:
        """As `row`, without reductions across lanes."""
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
        return dy - exp(k, y) * total if self.log else y * (dy - total)
