"""Rows times few columns, as a linear layer of few classes has: vector lanes run along the inner dimension.

With a lane for each column, most lanes of a vector would stand idle. The sums of a row over the lanes of its vectors
are joined in pairs, so that they end side by side in one vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.kernels.layout.lanes import first_lanes, shuffled
from knoll.kernels.matmul.linear_kernel import LinearKernel
from knoll.kernels.tile.tile_address import MatrixTile, TileAddress
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class DotProducts(LinearKernel):
    """c[i, j] = Σ a[i, m] · b[j, m] (+ bias[j]), with no more columns j than a vector has lanes."""

    @property
    def tile_rows(self) -> int:
        """Rows whose sums fit the registers together, beside a vector of each row and one of a column."""
        return max(1, min(4, (self.machine.registers - 2) // (self.columns + 1)))

    def emit(self, k: KernelBuilder) -> None:
        """Rows, the inner dimension."""
        with k.loop(k.first_part, k.last_part, name="part"):
            rows = k.count * self.rows_per_sample
            whole = rows - rows % self.tile_rows
            with k.loop(0, whole, self.tile_rows, name="row") as row:
                self._tile(k, row, self.tile_rows)
            if self.tile_rows > 1:
                with k.loop(whole, rows, name="row") as row:
                    self._tile(k, row, 1)

    def _tile(self, k: KernelBuilder, row: IntRegister, rows: int) -> None:
        """All columns of some rows."""
        sums = [[LoopCarried(k.zero()) for _ in range(self.columns)] for _ in range(rows)]
        left, step, end = k.pointers[0] + row * (self.inner * k.bytes), k.lanes, self.inner - self.inner % k.lanes
        if end:
            with k.loop(0, end, step, carrying=[cell for mine in sums for cell in mine], name="m") as m:
                self._products(k, sums, left, m, step)
        if self.inner > end:
            self._products(k, sums, left, end, self.inner - end)
        fused = self.epilogue.on_tile(k, k.pointers[3 + self.bias :], MatrixTile(row, 0, k.lanes), [self.columns])
        corner = TileAddress(k.pointers[2] + row * (self.columns * k.bytes), 0, self.columns * k.bytes)
        totals = [side_by_side(k, [cell.number for cell in mine]) for mine in sums]
        if self.bias:
            bias = k.load_lanes(k.pointers[3], self.columns)
            totals = [total + bias for total in totals]
        fused.store((rows, 1), corner, lambda _, i, __: totals[i])

    def _products(self, k: KernelBuilder, sums: list[list[LoopCarried]], left: Pointer, m: Integer, lanes: int) -> None:
        """Add a vector of each row times one of each column."""
        length = self.inner * k.bytes
        vectors = [k.load_lanes(left + (m * k.bytes + i * length), lanes) for i in range(len(sums))]
        right = k.pointers[1] + m * k.bytes
        for j in range(self.columns):
            column = k.load_lanes(right + j * length, lanes)
            for mine, vector in zip(sums, vectors, strict=True):
                mine[j].value = k.multiply_add_to(vector, column, mine[j].number)


def side_by_side(k: KernelBuilder, vectors: Sequence[Register]) -> Register:
    """The sum over the lanes of each vector, in the lane of its place; zero in lanes without one."""
    pieces: list[Register | None] = [*vectors, *[None] * (k.lanes - len(vectors))]
    distance = k.lanes // 2
    while distance:
        pieces = [_joined(k, *pair, distance) for pair in zip(pieces[:distance], pieces[distance:], strict=True)]
        distance //= 2
    total = pieces[0]
    assert total is not None, "there is a vector"
    return first_lanes(k, total, len(vectors), k.zero())


def _joined(k: KernelBuilder, a: Register | None, b: Register | None, distance: int) -> Register | None:
    """a in the lanes whose number lacks the bit `distance`, b in the others, each added to the lane across that bit."""
    if a is None:
        return None
    lanes = range(k.lanes)
    if b is None:
        return a + shuffled(k, a, a, [lane ^ distance for lane in lanes])
    stay = shuffled(k, a, b, [lane + k.lanes * (lane & distance > 0) for lane in lanes])
    return stay + shuffled(k, a, b, [(lane ^ distance) + k.lanes * (lane & distance > 0) for lane in lanes])
