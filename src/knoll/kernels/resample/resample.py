"""Separable resampling: weighted sums along rows and along columns. Vector lanes run along channels.

For each output row, the columns of the source are summed vertically first, several at once in registers; horizontal
sums of these are the outputs. Neighbouring outputs therefore share loads and vertical sums. Where the table of columns
is periodic (`segments.py`), column indices are constants of the code; otherwise they are read from memory, as row
indices always are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from math import frexp

from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.pixel_address import corner, pixel
from knoll.kernels.resample.segments import Segment, segments_of
from knoll.kernels.resample.sparse_table import SparseTable
from knoll.kernels.resample.vertical import Vertical
from knoll.kernels.tile.part_order import PartOrder
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register
from knoll.ops.resample.tables import Places, Table


@dataclass(frozen=True)
class Resample(Kernel):
    """y[i, j] = Σ_r Σ_s rows[i, r] · columns[j, s] · x[r, s], with the sparse tables `rows` and `columns`."""

    source: Images
    target: Images
    rows: Table
    columns: Table

    @property
    def title(self) -> str:
        """Operation, images, and what they become."""
        return f"resample2d_{self.source.c}x{self.source.h}x{self.source.w}_{self.target.h}x{self.target.w}"

    @property
    def pointers(self) -> int:
        """x and y."""
        return 2

    @property
    def parts(self) -> int:
        """Blocks of channels times rows of results."""
        return self.order.parts

    @property
    def order(self) -> PartOrder:
        """Threads that share them take rows of large images."""
        return PartOrder(self.target.blocks, self.target.h, False, self.target.shared_by_rows)

    @property
    def capacity(self) -> int:
        """Columns of the source that are summed at once."""
        return self.machine.registers // 2

    @cached_property
    def segments(self) -> tuple[Segment, ...] | None:
        """The periodic segments of the table of columns; None if it is not periodic."""
        return segments_of(self.columns, self.capacity)

    def emit(self, k: KernelBuilder) -> None:
        """Samples, rows, columns."""
        x, y = k.pointers
        source, target, b = self.source, self.target, k.bytes
        down, across = SparseTable(k, self.rows, source.row * b), SparseTable(k, self.columns, source.block * b)
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            _, block, i = self.order.place(k, part)
            image = corner(k, x, source, n, block)
            line = pixel(k, corner(k, y, target, n, block), target, i, 0)
            row = Row(k, self, down, across, i, image, line)
            for segment in self.segments or ():
                row.write(segment)
            if self.segments is None:
                row.write_any()


class Row:
    """The emitter of one output row."""

    across: SparseTable
    down: SparseTable
    k: KernelBuilder
    spec: Resample
    i: IntRegister
    image: Pointer
    line: Pointer
    vertical: Vertical

    def __init__(
        self,
        k: KernelBuilder,
        spec: Resample,
        down: SparseTable,
        across: SparseTable,
        i: IntRegister,
        image: Pointer,
        line: Pointer,
    ) -> None:
        self.k, self.spec, self.down, self.across = k, spec, down, across
        self.i, self.image, self.line = i, image, line
        self.vertical = Vertical(k, down, i, partial(added, k))

    def write(self, segment: Segment) -> None:
        """Emit the outputs of a periodic segment."""
        columns, starts = self.spec.columns, self.spec.columns.starts
        entries = int(starts[min(segment.first + segment.stride, columns.results)] - starts[segment.first])
        with self.k.loop(0, segment.count, name="j") as j:
            image, moved = self.image + j * (segment.step * self.across.step), j * entries
            if len(segment.columns(columns)) > self.spec.capacity:
                totals = [self._long_sum(image, columns.of(segment.first), moved + int(starts[segment.first]))]
            else:
                summed = self._vertical_sums(image, segment.columns(columns))
                totals = [self._across(summed, columns.of(j), moved + int(starts[j])) for j in segment.results()]
            for result, total in zip(segment.results(), totals, strict=True):
                self._store(total, j * segment.stride + result)

    def write_any(self) -> None:
        """Emit the outputs one by one, with column indices from memory."""
        with self.k.loop(0, self.spec.target.w, name="j") as j:
            total = LoopCarried(self.k.zero())
            with self.k.loop(*self.across.of(j), carrying=[total], name="s") as entry:
                column = self._vertical_sums(self.image + self.across.place(entry), (0,))[0]
                total.value = added(self.k, total.number, column, self.across.weight(entry))
            self._store(total.number, j)

    def _long_sum(self, image: Pointer, places: Places, first: IntRegister) -> Register:
        """An output with more columns than are summed at once."""
        capacity = self.spec.capacity
        whole = len(places) // capacity * capacity
        total = LoopCarried(self.k.zero())
        with self.k.loop(0, whole, capacity, carrying=[total], name="s") as s:
            summed = self._vertical_sums(image + s * self.across.step, places[:capacity])
            total.value = total.number + self._across(summed, places[:capacity], first + s)
        if whole == len(places):
            return total.number
        left = places[whole:]
        return total.number + self._across(self._vertical_sums(image, left), left, first + whole)

    def _vertical_sums(self, image: Pointer, columns: Places) -> dict[int, Register]:
        """The vertical sums of some columns of the source, over the rows that this output row reads."""

        def read(row: Integer, column: int) -> Register:
            return self.k.load(image + row + column * self.across.step)

        return self.vertical.joined(columns, read)

    def _across(self, summed: dict[int, Register], places: Places, first: IntRegister) -> Register:
        """The horizontal sum of an output; its weights are the entries of the table from `first` on."""
        total: Register | None = None
        for entry, place in enumerate(places):
            total = added(self.k, total, summed[place], self.across.weight(first + entry))
        return total or self.k.zero()

    def _store(self, total: Register, j: Integer) -> None:
        """Divide by the divisors of row and column, and store."""
        constant = (self.spec.rows.divisor or 1.0) * (self.spec.columns.divisor or 1.0)
        differing = [d for d in (self.down.divisor(self.i), self.across.divisor(j)) if d is not None]
        if not differing and abs(frexp(constant)[0]) == 0.5:  # a power of two
            total = total if constant == 1 else total * self.k.constant(1 / constant)
        else:
            divisor = self.k.constant(constant)
            for each in differing:
                divisor = divisor * each
            total = total / divisor
        self.k.store(total, self.line + j * (self.spec.target.block * self.k.bytes))


def added(k: KernelBuilder, total: Register | None, value: Register, weight: Register | None) -> Register:
    """total + value · weight; no weight counts as 1, no total as 0."""
    if weight is None:
        return value if total is None else total + value
    return value * weight if total is None else k.multiply_add(value, weight, total)
