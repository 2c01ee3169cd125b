"""Rows times a packed matrix: the linear layer and its input gradient.

A register tile of rows × vectors of columns accumulates one step of the inner dimension at a time.
`accumulate_products`, the inner loop, is shared by all matrix products.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import MICRO_BATCH
from knoll.kernels.linear_algebra.linear_kernel import LinearKernel
from knoll.kernels.tile.tile import LATENCY
from knoll.kernels.tile.tile_address import MatrixTile, TileAddress
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register

MOST_ROWS = 6  # of a tile


@dataclass(frozen=True)
class Matmul(LinearKernel):
    """c[i, j] = Σ a[i, m] · b[m, j] (+ bias[j]).

    b is packed as [tile of columns][m][column of the tile].
    """

    @cached_property
    def vectors(self) -> int:
        """Vectors of columns in a tile: with the fewest cycles for a row, and of those the most."""
        most = min(4 if self.machine.registers >= 32 else 3, ceil_div(self.columns, self.lanes))
        high = [vectors for vectors in range(most, 0, -1) if self._rows(vectors) >= MICRO_BATCH]
        return min(high, key=self._cycles)

    def _cycles(self, vectors: int) -> float:
        """Cycles of one step of the inner dimension for a row; the last tile of columns may have fewer vectors."""
        whole, left = divmod(ceil_div(self.columns, self.lanes), vectors)
        rows = self._rows(vectors)
        return (whole * max(rows * vectors, LATENCY) + (max(rows * left, LATENCY) if left else 0)) / rows

    @cached_property
    def tile_rows(self) -> int:
        """Rows in a tile; at most as many as a micro-batch has samples, if these have one row each."""
        return self._rows(self.vectors)

    def _rows(self, vectors: int) -> int:
        # Besides the sums: b, a number of a, and one to spare where numbers of an epilogue or products want it.
        others = vectors + (1 if self.machine.fused and not self.epilogue.terms else 2)
        registers_left = min((self.machine.registers - others) // vectors, MOST_ROWS)
        return registers_left if self.rows_per_sample >= registers_left else min(registers_left, MICRO_BATCH)

    @property
    def parts(self) -> int:
        """Tiles of columns."""
        return ceil_div(self.columns, self.lanes * self.vectors)

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: tiles of columns (parts), rows, the inner dimension."""
        with k.loop(k.first_part, k.last_part, name="part") as part:
            rows = k.count * self.rows_per_sample
            whole = rows - rows % self.tile_rows
            with k.loop(0, whole, self.tile_rows, name="row") as row:
                self._tiles(k, part, row, self.tile_rows)
            with k.loop(whole, rows, name="row") as row:
                self._tiles(k, part, row, 1)

    def _tiles(self, k: KernelBuilder, tile: IntRegister, row: Integer, rows: int) -> None:
        """One tile; the last tile of columns may be narrower, with code of its own."""
        for width in tile_lengths(k, tile, self.columns, self.lanes * self.vectors):
            self._tile(k, tile * (self.lanes * self.vectors), row, rows, width)

    def _tile(self, k: KernelBuilder, column: IntRegister, row: Integer, rows: int, width: int) -> None:
        a, b, c = k.pointers[:3]
        lanes = vector_lanes(k, width)
        sums = [LoopCarried(value) for _ in range(rows) for value in self._start(k, column, lanes)]
        left, right = a + row * (self.inner * k.bytes), b + column * (self.inner * k.bytes)
        strides = self.inner, 1, self.vectors * k.lanes
        accumulate_products(k, sums, left, right, strides, self.inner, [k.lanes] * len(lanes))
        fused = self.epilogue.on_tile(k, k.pointers[3 + self.bias :], MatrixTile(row, column, k.lanes), lanes)
        target = c + row * (self.columns * k.bytes) + column * k.bytes
        corner = TileAddress(target, k.lanes * k.bytes, self.columns * k.bytes)
        fused.store((rows, 1), corner, lambda v, i, _: sums[i * len(lanes) + v].number)

    def _start(self, k: KernelBuilder, column: IntRegister, lanes: list[int]) -> list[Register]:
        """The initial sums of one row: zeros, or the bias."""
        if not self.bias:
            return [k.zero()] * len(lanes)
        bias = k.pointers[3] + column * k.bytes
        return [k.load_lanes(bias + v * k.lanes * k.bytes, n) for v, n in enumerate(lanes)]


def vector_lanes(k: KernelBuilder, width: int) -> list[int]:
    """The used lanes of each vector of `width` contiguous numbers."""
    return [min(k.lanes, width - first) for first in range(0, width, k.lanes)]


def tile_lengths(k: KernelBuilder, index: IntRegister, size: int, piece: int) -> Iterator[int]:
    """The possible lengths of tile `index` along an axis, full or last; the body of the `for` is emitted for each."""
    whole, left = divmod(size, piece)
    if whole and not left:
        yield piece
        return
    if whole:
        with k.loop(0, k.minimum(1, whole - index), name="full"):
            yield piece
    with k.loop(0, index // whole if whole else 1, name="last"):
        yield left


def accumulate_products(
    k: KernelBuilder,
    sums: list[LoopCarried],
    a: Pointer,
    b: Pointer,
    strides: tuple[int, int, int],
    steps: Integer,
    lanes: list[int],
) -> None:
    """Add a · b over `steps` of the inner dimension to the sums of a tile, ordered by row, then by vector of columns.

    `lanes` are the used lanes of each vector of columns. `strides`, in elements, are those of the rows of a, of the
    inner dimension in a, and of the inner dimension in b.
    """
    left, right = LoopCarried(a), LoopCarried(b)
    with k.loop(0, steps, carrying=[*sums, left, right], name="m"):
        vectors = [k.load_lanes(right.pointer + v * k.lanes * k.bytes, n) for v, n in enumerate(lanes)]
        for i in range(len(sums) // len(lanes)):
            mine = sums[i * len(lanes) : (i + 1) * len(lanes)]
            news = k.multiply_add_one(left.pointer + i * strides[0] * k.bytes, vectors, [cell.number for cell in mine])
            for cell, new in zip(mine, news, strict=True):
                cell.value = new
        left.value = left.pointer + strides[1] * k.bytes
        right.value = right.pointer + strides[2] * k.bytes
