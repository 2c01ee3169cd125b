"""Sums and maxima down the rows that a row of results reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from knoll.kernels.resample.sparse_table import SparseTable
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Register

MAX_UNROLLED = 4  # rows that are joined without a loop

Join = Callable[[Register | None, Register, Register | None], Register]  # what there is, a number, and its weight


class Vertical:
    """The rows of the source that result row `i` reads, one after the other. Joining begins with `start`."""

    k: KernelBuilder
    down: SparseTable
    join: Join
    entries: tuple[Integer, Integer]
    start: float
    rows: list[tuple[Integer, Register | None]]

    def __init__(self, k: KernelBuilder, down: SparseTable, i: IntRegister, join: Join, start: float = 0.0) -> None:
        self.k, self.down, self.join, self.start = k, down, join, start
        first, stop = down.of(i)
        self.entries = first, stop
        few = down.entries_per_result is not None and 1 <= down.entries_per_result <= MAX_UNROLLED
        entries = [first + entry for entry in range(down.entries_per_result or 0)] if few else []
        self.rows = [(down.place(entry), down.weight(entry)) for entry in entries]  # empty where there is a loop

    def joined(self, columns: Iterable[int], read: Callable[[Integer, int], Register]) -> dict[int, Register]:
        """What the rows give in some columns; `read` reads a column of the row so many bytes from the first."""
        columns = tuple(columns)
        if self.rows:
            sums: dict[int, Register] = {}
            for place, weight in self.rows:
                self._add_row(sums, place, weight, columns, read)
            return sums
        cells = {column: LoopCarried(self.k.constant(self.start)) for column in columns}
        with self.k.loop(*self.entries, carrying=list(cells.values()), name="r") as entry:
            sums = {column: cell.number for column, cell in cells.items()}
            self._add_row(sums, self.down.place(entry), self.down.weight(entry), columns, read)
            for column, cell in cells.items():
                cell.value = sums[column]
        return {column: cell.number for column, cell in cells.items()}

    def _add_row(
        self,
        sums: dict[int, Register],
        place: Integer,
        weight: Register | None,
        columns: tuple[int, ...],
        read: Callable[[Integer, int], Register],
    ) -> None:
        for column in columns:
            sums[column] = self.join(sums.get(column), read(place, column), weight)
