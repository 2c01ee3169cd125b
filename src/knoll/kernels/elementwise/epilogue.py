"""What happens to sums while they are still in registers: pooling, then formulas, perhaps of more operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from knoll.graph.spec import DType
from knoll.kernels.elementwise.term import Terms, Values, ahead, named, worked_out
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.tile_address import MatrixTile, TileAddress, TilePosition
from knoll.llvm.builder import Integer, KernelBuilder, Pointer, Register
from knoll.machine import Machine

# Terms of more instructions than this over a whole tile are a loop.
LONG = 600

# What one more operand is: images with a number for each element, one number for each channel, or one for all.
Operand = Images | Literal["channels", "one"]


@dataclass(frozen=True)
class Epilogue:
    """Terms of a sum, which is value 0, and of operands, which are values 1 and on.

    Images are read at the same pixel. Arrays with one number for each channel are filled up to whole vectors.
    """

    terms: Terms = ()
    operands: tuple[Operand, ...] = ()

    def title(self, bias: bool = False, pools: bool = False) -> str:
        """All that is fused behind a sum, as part of a kernel's title."""
        return ("_bias" if bias else "") + ("_pool" if pools else "") + (f"_{named(self.terms)}" if self.terms else "")

    def over(
        self, k: KernelBuilder, pointers: Sequence[Pointer], tile: TilePosition | MatrixTile, lanes: Sequence[int]
    ) -> Over:
        """The epilogue over one tile, whose blocks have so many `lanes`; `pointers` begin with the operands'."""
        moving: dict[int, TileAddress] = {}
        held: list[list[Register | None]] = [[None] for _ in lanes]
        for number, (pointer, operand) in enumerate(zip(pointers, self.operands, strict=False), 1):
            for block, value in enumerate(self._held(k, pointer, operand, tile, lanes)):
                held[block].append(value)
            if isinstance(operand, Images):
                moving[number] = tile.in_images(pointer, operand, k.bytes)
        return Over(k, self.terms, moving, [ahead(k, self.terms, values) for values in held], lanes)

    def _held(
        self,
        k: KernelBuilder,
        pointer: Pointer,
        operand: Operand,
        tile: TilePosition | MatrixTile,
        lanes: Sequence[int],
    ) -> Sequence[Register | None]:
        """What all pixels of a tile share, for each of its blocks."""
        if operand == "one":
            return [k.splat(k.load(pointer, k.scalar))] * len(lanes)
        if operand == "channels":
            corner = tile.in_channels(k, pointer)
            return [k.load_lanes(corner.at(block), n) for block, n in enumerate(lanes)]
        return [None] * len(lanes)


@dataclass(frozen=True)
class Over:
    """An epilogue over one tile: what is read for each pixel, and the values that all pixels of a block share."""

    k: KernelBuilder
    terms: Terms
    moving: dict[int, TileAddress]
    held: Sequence[Values]
    lanes: Sequence[int]

    def of(self, value: Register, block: int = 0, row: Integer = 0, column: Integer = 0) -> Register:
        """What becomes of one vector of sums."""
        values = list(self.held[block])
        values[0] = value
        for number, corner in self.moving.items():
            values[number] = self.k.load_lanes(corner.at(block, row, column), self.lanes[block])
        return worked_out(self.k, self.terms, values)

    def store(self, size: tuple[int, int], target: TileAddress, result: Callable[[int, int, int], Register]) -> None:
        """Write a tile of `size` pixels; `result` gives the sum of each block, row and column.

        Where terms would be written out very often, sums wait in memory for a loop over them: nearly as fast, and a
        fraction of the code.
        """
        k, (rows, columns), blocks = self.k, size, len(self.lanes)
        places = [(block, row, column) for row in range(rows) for column in range(columns) for block in range(blocks)]
        if length(self.terms, len(self.held[0]) - len(self.terms), k.machine, k.dtype) * len(places) <= LONG:
            for place in places:
                self._store_one(result(*place), target, *place)
            return
        width = k.lanes * k.bytes
        waiting = k.alloca(len(places))
        for number, place in enumerate(places):
            k.store(result(*place), waiting + number * width)
        with k.loop(0, rows, name="row") as i, k.loop(0, columns, name="column") as j, k.constants_from_memory():
            here = waiting + (i * columns + j) * (blocks * width)
            for block in range(blocks):
                self._store_one(k.load(here + block * width), target, block, i, j)

    def _store_one(self, value: Register, target: TileAddress, block: int, row: Integer, column: Integer) -> None:
        self.k.store_lanes(self.of(value, block, row, column), target.at(block, row, column), self.lanes[block])


AS_IT_IS = Epilogue()


@cache
def length(terms: Terms, given: int, machine: Machine, dtype: DType) -> int:
    """Instructions of terms of so many given values, roughly."""
    k = KernelBuilder("", machine, dtype, 0)
    worked_out(k, terms, [k.zero()] * given + [None] * len(terms))
    return k.length


def largest(k: KernelBuilder, window: list[Register], codes: bool) -> tuple[Register, Register | None]:
    """The largest of some vectors, lane by lane, and which it was: the first of equals, the last NaN."""
    best = window[0]
    small = f"<{k.lanes} x i8>"
    code = Register(k, small, "zeroinitializer") if codes else None
    for place, value in enumerate(window[1:], start=1):
        take = value.compare("ogt", best) | value.compare("uno", value)
        best = take.select(value, best)
        if code is not None:
            lanes = ", ".join(f"i8 {place}" for _ in range(k.lanes))
            code = take.select(Register(k, small, f"<{lanes}>"), code)
    return best, code
