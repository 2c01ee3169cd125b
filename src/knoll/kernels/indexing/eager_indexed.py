"""Elements at indices along one axis of contiguous arrays whose sizes are known when they run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.elementwise.update import WORD
from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import SCALARS, KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register

What = Literal["gather", "put", "add"]
Has = Literal["row", "element", "place"]  # an index: a row, an element of a row, or a row that is one element


@dataclass(frozen=True)
class EagerIndexed(Kernel):
    """A table of (outer, size, inner) and rows of (outer, places, inner): row (o, p) is that of its index in plane o.

    Elements of the table are gathered into the rows, or the rows are put into it or added to it, one after the other.
    A row has one index, or `each` of its elements has. One that is negative or too large counts as 0, and is told.

    Reads or writes the table, reads the indices, writes or reads the rows, writes for each part whether an index was
    wrong, and reads the sizes, the elements of a piece of the inner ones, how many pieces there are, and how many
    indices it is to the next plane and to the next row. A call says how many parts: planes, times pieces.
    """

    what: What
    stored: str
    index: str
    each: Has

    @property
    def title(self) -> str:
        """What happens, to which elements."""
        return f"{self.what}_{self.stored}_at_{self.index}_{self.each}s"

    @property
    def pointers(self) -> int:
        """The table, indices, rows, what was wrong, and the sizes."""
        return 5

    def emit(self, k: KernelBuilder) -> None:
        """Parts, places, elements."""
        sizes: list[Integer] = [k.load_integer(k.pointers[4] + i * WORD) for i in range(7)]
        size, places, inner, at_once, pieces, to_plane, to_row = sizes
        if self.each == "place":
            inner = to_row = 1
        table, indices, rows = k.pointers[:3]
        item, of_index = np.dtype(self.stored).itemsize, np.dtype(self.index).itemsize
        with k.loop(k.first_part, k.last_part, name="part") as part:
            plane, start = part // pieces, part % pieces * at_once
            stop = k.minimum(start + at_once, inner)
            from_table = table + plane * size * inner * item
            wrong = LoopCarried(IntRegister(k, k.emit("add i64 0, 0")))
            with k.loop(0, places, carrying=[wrong], name="place") as place:
                number = plane * to_plane + place * to_row
                row = rows + (plane * places + place) * inner * item
                if self.each == "place":
                    at = self._index(k, indices + number * of_index, size, wrong)
                    self._move(k, from_table + at * item, row, 1)
                elif self.each == "row":
                    at = self._index(k, indices + number * of_index, size, wrong)
                    self._elements(k, from_table + at * inner * item, row, start, stop)
                else:
                    with k.loop(start, stop, carrying=[wrong], name="i") as i:
                        at = self._index(k, indices + (number + i) * of_index, size, wrong)
                        self._move(k, from_table + (at * inner + i) * item, row + i * item, 1)
            told = wrong.value
            assert isinstance(told, IntRegister)
            k.do(f"store i64 {told}, ptr {(k.pointers[3] + part * WORD).text()}, align 8")

    def _index(self, k: KernelBuilder, place: Pointer, size: Integer, wrong: LoopCarried) -> IntRegister:
        """The index at a place, or 0 and a note where there is no such element."""
        kind = SCALARS[self.index]
        given = k.load(place, kind).name
        wide = given if kind == "i64" else k.emit(f"sext {kind} {given} to i64")
        beyond = k.emit(f"icmp uge i64 {wide}, {size}")
        former = wrong.value
        assert isinstance(former, IntRegister)
        noted = k.emit(f"zext i1 {beyond} to i64")
        wrong.value = IntRegister(k, k.emit(f"or i64 {former}, {noted}"))
        return IntRegister(k, k.emit(f"select i1 {beyond}, i64 0, i64 {wide}"))

    def _elements(self, k: KernelBuilder, table: Pointer, row: Pointer, start: Integer, stop: Integer) -> None:
        """Neighbouring elements of one row: several vectors at once, vectors, single ones."""
        item = np.dtype(self.stored).itemsize
        for lanes in (VECTORS_AT_ONCE * k.lanes, k.lanes, 1):
            end = stop - (stop - start) % lanes
            with k.loop(start, end, lanes, name="i") as i:
                self._move(k, table + i * item, row + i * item, lanes)
            start = end

    def _move(self, k: KernelBuilder, table: Pointer, row: Pointer, lanes: int) -> None:
        """Move so many elements."""
        scalar = SCALARS[self.stored]
        kind = scalar if lanes == 1 else f"<{lanes} x {scalar}>"
        source, target = (table, row) if self.what == "gather" else (row, table)
        number = k.load(source, kind)
        if self.what == "add":
            word = "fadd" if np.dtype(self.stored).kind == "f" else "add"
            number = Register(k, kind, k.emit(f"{word} {kind} {k.load(target, kind).name}, {number.name}"))
        k.store(number, target)
