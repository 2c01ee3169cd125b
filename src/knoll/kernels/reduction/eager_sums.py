"""Sums over one axis of contiguous arrays whose sizes are known when they run."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.layout.lanes import split
from knoll.kernels.reduction.axis_reduction import summed
from knoll.kernels.reduction.eager_axis import EagerAxis
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.sums import CHUNK
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class EagerSums(EagerAxis):
    """Sums over the middle axis of (outer, size, inner), `beside` it if inner is not 1."""

    @property
    def title(self) -> str:
        """Which way lanes run."""
        return "sums_beside_axis" if self.beside else "sums_of_rows"

    def _part_of_rows(
        self, k: KernelBuilder, part: IntRegister, rows: Integer, size: Integer, at_once: Integer
    ) -> None:
        """The sums of some rows."""
        x, sums = k.pointers[:2]
        with k.loop(part * at_once, k.minimum((part + 1) * at_once, rows), name="row") as row:
            k.store_lanes(_row_sum(k, x + row * size * k.bytes, size), sums + row * k.bytes, 1)

    def _part_beside(self, k: KernelBuilder, part: IntRegister, size: Integer, inner: Integer, chunks: Integer) -> None:
        """The sums of a piece of the inner numbers, several vectors side by side."""
        x, sums = k.pointers[:2]
        outer, start = part // chunks, part % chunks * CHUNK
        stop = k.minimum(start + CHUNK, inner)
        first, target = x + outer * size * inner * k.bytes, sums + outer * inner * k.bytes
        middle, whole = (stop - (stop - start) % step for step in (VECTORS_AT_ONCE * k.lanes, k.lanes))

        def stretch(begin: Integer, end: Integer, lanes: int) -> None:
            with k.loop(begin, end, lanes, name="j") as j:
                total = summed(k, first + j * k.bytes, size, inner, lanes)
                k.store_lanes(total, target + j * k.bytes, lanes)

        with k.wider(VECTORS_AT_ONCE):
            stretch(start, middle, k.lanes)
        stretch(middle, whole, k.lanes)
        stretch(whole, stop, 1)


def _row_sum(k: KernelBuilder, line: Pointer, size: Integer) -> Register:
    """The sum of contiguous elements, in every lane: several vectors side by side, then single ones, then elements."""
    wide = VECTORS_AT_ONCE * k.lanes
    with k.wider(VECTORS_AT_ONCE):
        several = split(k, summed(k, line, size // wide, k.lanes, k.lanes))
    total = LoopCarried(_joined(several))
    for start, stop, lanes in ((size - size % wide, size - size % k.lanes, k.lanes), (size - size % k.lanes, size, 1)):
        with k.loop(start, stop, lanes, carrying=[total]) as i:
            total.value = total.number + k.load_lanes(line + i * k.bytes, lanes)
    return horizontal_sum(k, total.number)


def _joined(vectors: list[Register]) -> Register:
    """The sum of vectors, in pairs."""
    if len(vectors) == 1:
        return vectors[0]
    half = len(vectors) // 2
    return _joined(vectors[:half]) + _joined(vectors[half:])
