"""Running sums and products along one axis of contiguous arrays whose sizes are known when they run."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.elementwise.term import Term, evaluated
from knoll.kernels.layout.transpose import transposed
from knoll.kernels.reduction.eager_axis import EagerAxis
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class EagerScan(EagerAxis):
    """Each element of (outer, size, inner) joined with all before it along the middle axis, one after the other.

    `first` changes nothing that it is joined with. A piece beside the axis has as many vectors as are taken at once.
    """

    term: Term
    first: float

    @property
    def title(self) -> str:
        """The operation, and which way lanes run."""
        return f"scan_{self.term.op.name}_{'beside_axis' if self.beside else 'of_rows'}"

    def _part_beside(self, k: KernelBuilder, part: IntRegister, size: Integer, inner: Integer, chunks: Integer) -> None:
        """All places of the axis, for a piece of the inner elements."""
        x, y = (array + part // chunks * size * inner * k.bytes for array in k.pointers[:2])
        wide = VECTORS_AT_ONCE * k.lanes
        start = part % chunks * wide
        stop = k.minimum(start + wide, inner)
        whole = stop - (stop - start) % wide
        with k.wider(VECTORS_AT_ONCE), k.loop(start, whole, wide, name="j") as j:
            self._down(k, x + j * k.bytes, y + j * k.bytes, size, inner, wide)
        with k.loop(whole, stop, name="j") as j:
            self._down(k, x + j * k.bytes, y + j * k.bytes, size, inner, 1)

    def _down(self, k: KernelBuilder, x: Pointer, y: Pointer, size: Integer, inner: Integer, lanes: int) -> None:
        """Some neighbouring elements at each place of the axis in turn."""
        total = LoopCarried(k.constant(self.first))
        with k.loop(0, size, carrying=[total]) as i:
            total.value = self._joined(k, total.number, k.load_lanes(x + i * inner * k.bytes, lanes))
            k.store_lanes(total.number, y + i * inner * k.bytes, lanes)

    def _part_of_rows(self, k: KernelBuilder, part: Integer, rows: Integer, size: Integer, at_once: Integer) -> None:
        """Some rows: as many as a vector has lanes at a time, then single ones."""
        x, y = k.pointers[:2]
        start = part * at_once
        stop = k.minimum(start + at_once, rows)
        whole = stop - (stop - start) % k.lanes
        with k.loop(start, whole, k.lanes, name="rows") as row:
            self._rows(k, x + row * size * k.bytes, y + row * size * k.bytes, size)
        with k.loop(whole, stop, name="row") as row:
            self._down(k, x + row * size * k.bytes, y + row * size * k.bytes, size, 1, 1)

    def _rows(self, k: KernelBuilder, x: Pointer, y: Pointer, size: Integer) -> None:
        """The running totals of neighbouring rows, a lane for each: squares that are turned, joined and turned back."""
        total, whole = LoopCarried(k.constant(self.first)), size - size % k.lanes
        with k.loop(0, whole, k.lanes, carrying=[total]) as i:
            lines = [k.load(x + (i + row * size) * k.bytes) for row in range(k.lanes)]
            totals = []
            for column in transposed(k, lines):
                total.value = self._joined(k, total.number, column)
                totals.append(total.number)
            for row, line in enumerate(transposed(k, totals)):
                k.store(line, y + (i + row * size) * k.bytes)
        with k.loop(whole, size, carrying=[total]) as i:
            places = [(i + row * size) * k.bytes for row in range(k.lanes)]
            name = "poison"
            for lane, place in enumerate(places):
                one = k.load(x + place, k.scalar)
                name = k.emit(f"insertelement {k.vector} {name}, {k.scalar} {one.name}, i32 {lane}")
            total.value = self._joined(k, total.number, Register(k, k.vector, name))
            for lane, place in enumerate(places):
                k.store(k.lane(total.number, lane), y + place)

    def _joined(self, k: KernelBuilder, total: Register, number: Register) -> Register:
        return evaluated(k, (self.term,), [total, number, None])
