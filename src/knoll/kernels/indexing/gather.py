"""Rows of a table at the places that indices name, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.indexing.indexed import Indexed, Shared
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister, Pointer


@dataclass(frozen=True)
class Gather(Indexed):
    """y[o, p] = x[o, index of p]; the table is that of each sample, or the `same` for all."""

    same: bool = False

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return self._titled("gather")

    @property
    def parts(self) -> int:
        """Planes, and of long rows each."""
        return self.outer * (self.places if self.inner >= self.lanes else 1)

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, planes and places, elements."""
        x, _, y = k.pointers
        table, result = self.outer * self.size * self.inner, self.outer * self.places * self.inner
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            source = x if self.same else x + n * (table * k.bytes)
            target = y + n * (result * k.bytes)
            if self.parts > self.outer:
                self._place(k, source, target, (n, part // self.places, part % self.places))
            else:
                with k.loop(0, self.places, name="p") as p:
                    self._place(k, source, target, (n, part, p))

    def _place(
        self, k: KernelBuilder, source: Pointer, target: Pointer, at: tuple[IntRegister, IntRegister, IntRegister]
    ) -> None:
        """The elements of one place."""
        _, o, p = at
        row, plane = target + (o * self.places + p) * (self.inner * k.bytes), o * self.size
        number = self.number_of(*at)
        if self.shared is Shared.NOTHING:
            with k.loop(0, self.inner, name="i") as i:
                here = plane + self.index_at(k, k.pointers[1], number + i)
                k.store(k.load(source + (here * self.inner + i) * k.bytes, k.scalar), row + i * k.bytes)
            return
        start = source + (plane + self.index_at(k, k.pointers[1], number)) * (self.inner * k.bytes)
        if self.inner == 1:
            k.store(k.load(start, k.scalar), row)
            return
        for offset, lanes in vector_offsets(k, self.inner):
            k.store_lanes(k.load_lanes(start + offset, lanes), row + offset, lanes)
