"""Rows added to a table, or written to it, at the places that indices name; zeros where none names.

Rows are taken in order, and threads share planes and stretches of rows, so the sums do not depend on the threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.graph.sizes import ceil_div, round_up
from knoll.kernels.indexing.indexed import Indexed, Shared
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer

MOST_STRETCHES = 8  # of a row, which threads share


@dataclass(frozen=True)
class Scatter(Indexed):
    """y[o, index of p] = the sum of x[o, p], or the last of them unless it `adds`.

    The table is that of each sample, or the `same` for all: then it takes the whole batch. One row may be `left` zero.
    """

    adds: bool = True
    same: bool = False
    left: int | None = None

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return self._titled("scatter_add" if self.adds else "scatter")

    @property
    def stretch(self) -> int:
        """Elements of a row that are treated together: whole vectors."""
        return round_up(ceil_div(self.inner, MOST_STRETCHES), self.lanes)

    @property
    def stretches(self) -> int:
        """How many stretches a row has; rows in which each element has its own index are not divided."""
        return 1 if self.shared is Shared.NOTHING else ceil_div(self.inner, self.stretch)

    @property
    def parts(self) -> int:
        """Planes, and stretches of their rows."""
        return self.outer * self.stretches

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, planes and stretches of rows (parts); first zeros, then places in order."""
        if self.same:
            with k.loop(k.first_part, k.last_part, name="part") as part:
                self._clear(k, k.pointers[2], part)
                with k.loop(0, k.batch, name="n") as n:
                    self._scatter(k, n, k.pointers[2], part)
                if self.left is not None:
                    self._clear_row(k, k.pointers[2], part, self.left)
            return
        table = self.outer * self.size * self.inner
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            target = k.pointers[2] + n * (table * k.bytes)
            self._clear(k, target, part)
            self._scatter(k, n, target, part)

    def _clear(self, k: KernelBuilder, table: Pointer, part: IntRegister) -> None:
        """Zeros in a part of the table."""
        if self.stretches == 1:
            plane = self.size * self.inner
            for place, lanes in vector_offsets(k, plane):
                k.store_lanes(k.zero(), table + part * (plane * k.bytes) + place, lanes)
            return
        with k.loop(0, self.size, name="row") as row:
            self._clear_row(k, table, part, row)

    def _clear_row(self, k: KernelBuilder, table: Pointer, part: IntRegister, row: Integer) -> None:
        o, stretch = part // self.stretches, part % self.stretches
        place = table + (o * self.size + row) * (self.inner * k.bytes)
        for i, lanes in self._vectors(k, stretch):
            k.store_lanes(k.zero(), place + i * k.bytes, lanes)

    def _scatter(self, k: KernelBuilder, n: IntRegister, table: Pointer, part: IntRegister) -> None:
        """The rows of one sample, in order."""
        x, indices, _ = k.pointers
        o, stretch = part // self.stretches, part % self.stretches
        plane, rows = o * self.size, x + (n * self.outer + o) * (self.places * self.inner * k.bytes)
        with k.loop(0, self.places, name="p") as p:
            source, number = rows + p * (self.inner * k.bytes), self.number_of(n, o, p)
            if self.shared is Shared.NOTHING:
                with k.loop(0, self.inner, name="i") as i:
                    row = plane + self.index_at(k, indices, number + i)
                    self._one_element(k, source + i * k.bytes, table + (row * self.inner + i) * k.bytes)
                return
            target = table + (plane + self.index_at(k, indices, number)) * (self.inner * k.bytes)
            if self.inner == 1:
                self._one_element(k, source, target)
                return
            for i, lanes in self._vectors(k, stretch):
                given, place = k.load_lanes(source + i * k.bytes, lanes), target + i * k.bytes
                k.store_lanes(k.load_lanes(place, lanes) + given if self.adds else given, place, lanes)

    def _one_element(self, k: KernelBuilder, source: Pointer, target: Pointer) -> None:
        """One element."""
        given = k.load(source, k.scalar)
        k.store(k.load(target, k.scalar) + given if self.adds else given, target)

    def _vectors(self, k: KernelBuilder, stretch: IntRegister) -> Iterator[tuple[IntRegister, int]]:
        """The first element and the used lanes of each vector in a stretch of a row."""
        start, whole, left = stretch * self.stretch, self.inner - self.inner % self.lanes, self.inner % self.lanes
        size = self.inner if self.shared is Shared.NOTHING else self.stretch
        if whole:
            with k.loop(start, k.minimum(start + size, whole), k.lanes, name="i") as i:
                yield i, k.lanes
        if left:
            with k.loop(k.maximum(start, whole), k.minimum(start + size, self.inner), k.lanes, name="i") as i:
                yield i, left
