"""Maxima of windows over plain images, with their indices. Vector lanes run along the columns of results."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.resample.plain_windows import PlainMaxPool
from knoll.kernels.resample.runs import Pattern, Run, in_lanes, sorted_into_lanes
from knoll.kernels.resample.vertical import Vertical
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register

INDEX_BYTES = 8
MAX_ELEMENTS = 1 << 24  # of an image: single precision counts no further


@dataclass(frozen=True)
class PlainMaxPoolIndices(PlainMaxPool):
    """The maximum of each window and its index, in whole numbers of 64 bits: the first of equal ones, the last NaN.

    Elements are looked at in the order of their indices. How far each lies behind the first element that a vector of
    results reads is counted in lanes of the element type.
    """

    word = "max_pool2d_indices_plain"

    @property
    def pointers(self) -> int:
        """x, y and the indices."""
        return 3

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
        del i
        _, y, indices = k.pointers
        pattern, column = run.pattern, j * run.step + run.column
        start, stop = vertical.entries
        first = vertical.down.place(start)
        elements = self._row(k, pattern, image + first + column * k.bytes)
        best, behind = LoopCarried(elements[0]), LoopCarried(in_lanes(k, _columns(pattern, 0), 0.0))
        with k.loop(start, stop, carrying=(best, behind), name="r") as entry:
            place = vertical.down.place(entry)
            row = k.splat(Register(k, k.scalar, k.emit(f"sitofp i64 {(place - first) // k.bytes} to {k.scalar}")))
            for tap, value in enumerate(self._row(k, pattern, image + place + column * k.bytes)):
                take = value.compare("ogt", best.number) | value.compare("uno", value)
                best.value = take.select(value, best.number)
                behind.value = take.select(row + in_lanes(k, _columns(pattern, tap), 0.0), behind.number)
        result, lanes = line + run.first + j * k.lanes, len(pattern.divisors)
        k.store_lanes(best.number, y + result * k.bytes, lanes)
        index = _whole(k, behind.number, first // k.bytes + column)
        k.store_lanes(index, indices + result * INDEX_BYTES, lanes)

    def _row(self, k: KernelBuilder, pattern: Pattern, row: Pointer) -> list[Register]:
        """What the taps of a row are, lane by lane."""
        loaded = {offset: k.load_lanes(row + offset * k.bytes, lanes) for offset, lanes in pattern.loads}
        return [sorted_into_lanes(k, loaded, columns) for columns in pattern.taps]


def _columns(pattern: Pattern, tap: int) -> list[float]:
    """The columns of a tap; every window has as many taps."""
    return [float(column or 0) for column in pattern.taps[tap]]


def _whole(k: KernelBuilder, behind: Register, first: Integer) -> Register:
    """Whole numbers of 64 bits: those in the lanes, counted from the first element."""
    narrow, wide = f"<{k.lanes} x i32>", f"<{k.lanes} x i64>"
    whole = k.emit(f"sext {narrow} {k.emit(f'fptosi {behind.type} {behind.name} to {narrow}')} to {wide}")
    from_first = k.splat(Register(k, "i64", str(first)))
    return Register(k, wide, k.emit(f"add {wide} {whole}, {from_first.name}"))
