"""Batched matmul: both matrices belong to a sample, and each sample has several, as one for each head of attention."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import ceil_div
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue
from knoll.kernels.kernel import Kernel
from knoll.kernels.linear_algebra.matmul import accumulate_products, tile_lengths, vector_lanes
from knoll.kernels.tile.tile_address import MatrixTile, TileAddress
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer

MAX_SUMS = 24  # accumulators of a tile; the other registers hold its operands


@dataclass(frozen=True)
class MatrixStrides:
    """Strides in elements: to the next sample, the next matrix of a sample, the next row and the next column."""

    sample: int
    matrix: int
    row: int
    column: int
    start: int = 0


@dataclass(frozen=True)
class BatchedMatmul(Kernel):
    """c[i, j] = Σ a[i, m] · b[m, j] for each of `matrices` pairs of matrices in each sample.

    The columns of b and c have stride 1. The operands of the epilogue are contiguous arrays.
    """

    matrices: int
    rows: int
    inner: int
    columns: int
    a: MatrixStrides
    b: MatrixStrides
    c: MatrixStrides
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def title(self) -> str:
        """Operation and size."""
        return f"matmul{self.epilogue.title(False)}_{self.matrices}x{self.rows}x{self.inner}x{self.columns}"

    @property
    def pointers(self) -> int:
        """a, b, c, then operands."""
        return 3 + len(self.epilogue.operands)

    @cached_property
    def vectors(self) -> int:
        """Vectors of columns in a tile."""
        return min(4 if self.machine.registers >= 32 else 2, ceil_div(self.columns, self.lanes))

    @cached_property
    def tile_rows(self) -> int:
        """Rows in a tile: as many as the registers allow, or up to a third fewer if those divide the rows."""
        registers_left = min(
            (self.machine.registers - 2 - self.vectors) // self.vectors, MAX_SUMS // self.vectors, self.rows
        )
        return next(
            (n for n in range(registers_left, registers_left * 2 // 3, -1) if self.rows % n == 0), registers_left
        )

    @property
    def column_tiles(self) -> int:
        """Tiles in a row of tiles."""
        return ceil_div(self.columns, self.lanes * self.vectors)

    @property
    def parts(self) -> int:
        """Tiles of columns of all matrices of a sample."""
        return self.matrices * self.column_tiles

    @property
    def work(self) -> int:
        """Multiply-adds of a sample: rows × inner × columns for each matrix."""
        return self.matrices * self.rows * self.inner * self.columns

    def emit(self, k: KernelBuilder) -> None:
        """Samples, tiles of columns, tiles of rows, then the inner dimension."""
        width = self.lanes * self.vectors
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            matrix, tile = part // self.column_tiles, part % self.column_tiles
            for columns in tile_lengths(k, tile, self.columns, width):
                self._column_tile(k, n, matrix, tile * width, columns)

    def _column_tile(
        self, k: KernelBuilder, n: IntRegister, matrix: IntRegister, column: IntRegister, width: int
    ) -> None:
        """All rows of one tile of columns of one matrix."""
        places = [
            pointer + n * (strides.sample * k.bytes) + matrix * (strides.matrix * k.bytes) + strides.start * k.bytes
            for pointer, strides in zip(k.pointers, (self.a, self.b, self.c), strict=False)
        ]
        a, b, c = places[0], places[1] + column * k.bytes, places[2] + column * k.bytes
        lanes = vector_lanes(k, width)
        left = self.rows % self.tile_rows
        above = (n * self.matrices + matrix) * self.rows
        with k.loop(0, self.rows - left, self.tile_rows, name="row") as row:
            self._tile(k, (a, b, c), row, MatrixTile(above + row, column, k.lanes), self.tile_rows, lanes)
        if left:
            last = self.rows - left
            self._tile(k, (a, b, c), last, MatrixTile(above + last, column, k.lanes), left, lanes)

    def _tile(
        self, k: KernelBuilder, places: tuple[Pointer, ...], row: Integer, cut: MatrixTile, rows: int, lanes: list[int]
    ) -> None:
        a, b, c = places
        sums = [LoopCarried(k.zero()) for _ in range(rows * len(lanes))]
        strides = self.a.row, self.a.column, self.b.row
        accumulate_products(k, sums, a + row * (self.a.row * k.bytes), b, strides, self.inner, lanes)
        target = TileAddress(c + row * (self.c.row * k.bytes), k.lanes * k.bytes, self.c.row * k.bytes)
        fused = self.epilogue.on_tile(k, k.pointers[3:], cut, lanes)
        fused.store((rows, 1), target, lambda v, i, _: sums[i * len(lanes) + v].number)
