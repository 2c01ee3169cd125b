"""Rows times columns that lie as a linear layer has them: vector lanes run along the inner dimension.

With a lane for each column, the columns would be packed first, and of few columns most lanes would stand idle. The sums
of a row over the lanes of its vectors are joined in pairs, so that they end side by side in one vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.layout.lanes import first_lanes, shuffled
from knoll.kernels.linear_algebra.linear_kernel import LinearKernel
from knoll.kernels.linear_algebra.matmul import tile_lengths
from knoll.kernels.tile.tile_address import MatrixTile, TileAddress
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class DotProducts(LinearKernel):
    """c[i, j] = Σ a[i, m] · b[j, m] (+ bias[j]), `block` columns j at a time, no more than a vector has lanes."""

    block: int = 1

    @property
    def parts(self) -> int:
        """Blocks of columns."""
        return ceil_div(self.columns, self.block)

    @property
    def tile_rows(self) -> int:
        """Rows whose sums fit the registers together, beside a vector of each row and one of a column."""
        return max(1, min(4, (self.machine.registers - 2) // (self.block + 1)))

    @property
    def changing_bytes(self) -> int:
        """Those of all weights: more columns than one block are packed unless they are trained."""
        return self.weight_bytes if self.parts > 1 else 0

    def emit(self, k: KernelBuilder) -> None:
        """Blocks of columns (parts), rows, the inner dimension."""
        with k.loop(k.first_part, k.last_part, name="part") as part:
            for columns in tile_lengths(k, part, self.columns, self.block):
                self._block(k, part * self.block, columns)

    def _block(self, k: KernelBuilder, column: IntRegister, columns: int) -> None:
        """All rows times some columns."""
        rows = k.count * self.rows_per_sample
        whole = rows - rows % self.tile_rows
        with k.loop(0, whole, self.tile_rows, name="row") as row:
            self._tile(k, (row, column), (self.tile_rows, columns))
        if self.tile_rows > 1:
            with k.loop(whole, rows, name="row") as row:
                self._tile(k, (row, column), (1, columns))

    def _tile(self, k: KernelBuilder, corner: tuple[IntRegister, IntRegister], size: tuple[int, int]) -> None:
        """Some columns of some rows."""
        (row, column), (rows, columns) = corner, size
        sums = [[LoopCarried(k.zero()) for _ in range(columns)] for _ in range(rows)]
        step, end = k.lanes, self.inner - self.inner % k.lanes
        left, right = (k.pointers[i] + at * (self.inner * k.bytes) for i, at in enumerate(corner))
        if end:
            with k.loop(0, end, step, carrying=[cell for mine in sums for cell in mine], name="m") as m:
                self._products(k, sums, (left, right), m, step)
        if self.inner > end:
            self._products(k, sums, (left, right), end, self.inner - end)
        fused = self.epilogue.on_tile(k, k.pointers[3 + self.bias :], MatrixTile(row, column, k.lanes), [columns])
        target = k.pointers[2] + row * (self.columns * k.bytes) + column * k.bytes
        totals = [side_by_side(k, [cell.number for cell in mine]) for mine in sums]
        if self.bias:
            bias = k.load_lanes(k.pointers[3] + column * k.bytes, columns)
            totals = [total + bias for total in totals]
        fused.store((rows, 1), TileAddress(target, 0, self.columns * k.bytes), lambda _, i, __: totals[i])

    def _products(
        self, k: KernelBuilder, sums: list[list[LoopCarried]], lines: tuple[Pointer, Pointer], m: Integer, lanes: int
    ) -> None:
        """Add a vector of each row times one of each column."""
        length = self.inner * k.bytes
        left, right = (line + m * k.bytes for line in lines)
        vectors = [k.load_lanes(left + i * length, lanes) for i in range(len(sums))]
        for j in range(len(sums[0])):
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
