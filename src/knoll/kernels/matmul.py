"""Matrix products: a register tile of rows × vectors, one step of the inner dimension at a time.

One generator serves the linear layer (rows are samples), its input gradient, and its weight gradient (the inner
dimension is samples); only strides differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knoll.kernels.corner import Corner, Cut
from knoll.kernels.epilogue import AS_IT_IS, Epilogue
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.sums import begun
from knoll.llvm.builder import Cell, Index, Integer, Kernel, Number, Pointer


@dataclass(frozen=True)
class Matmul(KernelSpec):
    """c[i, j] = Σ a[i, m] · b[m, j] (+ bias[j]), for all columns j, in elements.

    `a` is read at i · a_row + m · a_inner, b at m · b_row + j, c written at i · c_row + j. `samples` says which loop
    runs over samples, `each` times for each of them: the rows, or the inner dimension (sums of several calls are then
    joined).
    """

    rows: int
    inner: int
    columns: int
    a: tuple[int, int]
    b_row: int
    c_row: int
    samples: str = "rows"
    bias: bool = False
    b_packed: bool = False
    each: int = 1
    epilogue: Epilogue = AS_IT_IS

    @property
    def title(self) -> str:
        """Operation and size."""
        some = "n" if self.each == 1 else f"{self.each}n"
        return f"linear{self.epilogue.title(self.bias)}_{self.rows or some}x{self.inner or some}x{self.columns}"

    @property
    def pointers(self) -> int:
        """a, b, c, then the bias and operands."""
        return 3 + self.bias + len(self.epilogue.operands)

    @cached_property
    def vectors(self) -> int:
        """Vectors of columns in a tile."""
        vectors = -(-self.columns // self.lanes)
        limit = 4 if self.machine.registers >= 32 else 2
        return next(v for v in range(min(limit, vectors), 0, -1) if vectors % v == 0 or v == 1)

    @cached_property
    def tile_rows(self) -> int:
        """Rows in a tile; sums over samples go on where they stopped, so tiles must not overlap."""
        room = min((self.machine.registers - 2 - self.vectors) // self.vectors, 6)
        if self.samples == "rows":
            return room if self.each >= room else min(room, 4)
        return next(n for n in range(room, 0, -1) if self.rows % n == 0)

    @property
    def column_tiles(self) -> int:
        """Tiles from left to right."""
        return -(-self.columns // (self.lanes * self.vectors))

    @property
    def parts(self) -> int:
        """Tiles of columns; times tiles of rows where samples are summed."""
        return self.column_tiles * (self.rows // self.tile_rows if self.samples == "inner" else 1)

    @property
    def work(self) -> int:
        """One for each row, column and step of the inner dimension; samples count once."""
        return (self.rows or self.each) * (self.inner or self.each) * self.columns

    def emit(self, k: Kernel) -> None:
        """Parts, rows, then the inner dimension."""
        with k.loop(k.first_part, k.last_part, name="part") as part:
            if self.samples == "inner":
                self._tiles(k, part % self.column_tiles, part // self.column_tiles * self.tile_rows, self.tile_rows)
            else:
                rows = k.count * self.each
                whole = rows - rows % self.tile_rows
                with k.loop(0, whole, self.tile_rows, name="row") as row:
                    self._tiles(k, part, row, self.tile_rows)
                with k.loop(whole, rows, name="row") as row:
                    self._tiles(k, part, row, 1)

    def _tiles(self, k: Kernel, tile: Index, row: Integer, rows: int) -> None:
        """One tile; the last tile of columns may be narrower, and is then written apart."""
        width = self.lanes * self.vectors
        left = self.columns % width
        if not left:
            self._tile(k, tile * width, row, rows, width)
            return
        with k.loop(0, k.minimum(1, (self.column_tiles - 1) - tile), name="full"):
            self._tile(k, tile * width, row, rows, width)
        with k.loop(0, tile // (self.column_tiles - 1) if self.column_tiles > 1 else 1, name="last"):
            self._tile(k, tile * width, row, rows, left)

    def _tile(self, k: Kernel, column: Index, row: Integer, rows: int, width: int) -> None:
        a, b, c = k.pointers[:3]
        lanes = [min(k.lanes, width - v * k.lanes) for v in range(-(-width // k.lanes))]
        target = c + row * (self.c_row * k.bytes) + column * k.bytes
        sums = [Cell(value) for value in self._start(k, target, column, rows, lanes)]
        left = a + row * (self.a[0] * k.bytes)
        right = b + column * (self.inner * k.bytes) if self.b_packed else b + column * k.bytes
        step = self.vectors * k.lanes if self.b_packed else self.b_row
        steps = k.count * self.each if self.samples == "inner" else self.inner
        multiplied(k, sums, left, right, (*self.a, step), steps, [k.lanes] * len(lanes) if self.b_packed else lanes)
        over = self.epilogue.over(k, k.pointers[3 + self.bias :], Cut(row, column, k.lanes), lanes)
        corner = Corner(target, k.lanes * k.bytes, self.c_row * k.bytes)
        over.store((rows, 1), corner, lambda v, i, _: sums[i * len(lanes) + v].number)

    def _start(self, k: Kernel, target: Pointer, column: Index, rows: int, lanes: list[int]) -> list[Number]:
        """Zeros, the bias, or the sums of the samples before."""
        if self.samples == "inner":
            places = [(i, v, n) for i in range(rows) for v, n in enumerate(lanes)]
            return [begun(k, target + (i * self.c_row + v * k.lanes) * k.bytes, n) for i, v, n in places]
        if self.bias:
            bias = k.pointers[3] + column * k.bytes
            return [k.load_lanes(bias + v * k.lanes * k.bytes, n) for v, n in enumerate(lanes)] * rows
        return [k.zero()] * (rows * len(lanes))


def multiplied(
    k: Kernel,
    sums: list[Cell],
    a: Pointer,
    b: Pointer,
    apart: tuple[int, int, int],
    steps: Integer,
    lanes: list[int],
) -> None:
    """Add a tile's products to its sums, row after row of vectors that are so many `lanes` wide.

    So many elements are `apart`: the rows of a, its steps, and the steps of b.
    """
    left, right = Cell(a), Cell(b)
    with k.loop(0, steps, carrying=[*sums, left, right], name="m"):
        vectors = [k.load_lanes(right.pointer + v * k.lanes * k.bytes, n) for v, n in enumerate(lanes)]
        for i in range(len(sums) // len(lanes)):
            mine = sums[i * len(lanes) : (i + 1) * len(lanes)]
            news = k.multiply_add_one(left.pointer + i * apart[0] * k.bytes, vectors, [cell.number for cell in mine])
            for cell, new in zip(mine, news, strict=True):
                cell.value = new
        left.value = left.pointer + apart[1] * k.bytes
        right.value = right.pointer + apart[2] * k.bytes
