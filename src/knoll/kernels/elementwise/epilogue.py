"""The fused epilogue of a kernel: pooling and elementwise operations on sums that are still in registers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from knoll.graph.spec import DType
from knoll.kernels.elementwise.repeated import Repeated
from knoll.kernels.elementwise.term import Terms, Values, evaluated, hoisted, named
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.row_parts import RowWindow
from knoll.kernels.tile.tile_address import MatrixTile, TileAddress, TilePosition
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, Pointer, Register
from knoll.machine import Machine

# Instructions that an epilogue may have over a whole tile without a loop
MAX_UNROLLED = 600

# An operand besides the sum: images with an element for each sum, one element for each channel, or a scalar.
# Elementwise kernels read images that are repeated along an axis, too.
Operand = Images | Repeated | Literal["per_channel", "scalar"]


@dataclass(frozen=True)
class Epilogue:
    """Elementwise terms over a sum, which is value 0, and over operands, which are values 1 and on.

    Images are read at the same pixel. Arrays with one number for each channel are filled up to whole vectors.
    """

    terms: Terms = ()
    operands: tuple[Operand, ...] = ()

    def title(self, bias: bool = False, pools: bool = False) -> str:
        """The fused operations, as part of a kernel's title."""
        return ("_bias" if bias else "") + ("_pool" if pools else "") + (f"_{named(self.terms)}" if self.terms else "")

    def by_rows(self, first: int) -> tuple[tuple[int, RowWindow], ...]:
        """The places of the operands that are images, the first operand being at place `first`, and what they read."""
        return tuple((first + i, RowWindow()) for i, each in enumerate(self.operands) if isinstance(each, Images))

    def on_tile(
        self, k: KernelBuilder, pointers: Sequence[Pointer], tile: TilePosition | MatrixTile, lanes: Sequence[int]
    ) -> TileEpilogue:
        """The epilogue on one tile, whose blocks have so many `lanes`; `pointers` begin with the operands'."""
        per_pixel: dict[int, TileAddress] = {}
        invariant: list[list[Register | None]] = [[None] for _ in lanes]
        for number, (pointer, operand) in enumerate(zip(pointers, self.operands, strict=False), 1):
            for block, value in enumerate(self._invariant(k, pointer, operand, tile, lanes)):
                invariant[block].append(value)
            if isinstance(operand, Images):
                per_pixel[number] = tile.in_images(pointer, operand, k.bytes)
        return TileEpilogue(k, self.terms, per_pixel, [hoisted(k, self.terms, values) for values in invariant], lanes)

    def _invariant(
        self,
        k: KernelBuilder,
        pointer: Pointer,
        operand: Operand,
        tile: TilePosition | MatrixTile,
        lanes: Sequence[int],
    ) -> Sequence[Register | None]:
        """The operand for each block of a tile where it is the same for all pixels; None where it is not."""
        if operand == "scalar":
            return [k.splat(k.load(pointer, k.scalar))] * len(lanes)
        if operand == "per_channel":
            corner = tile.in_channels(k, pointer)
            return [k.load_lanes(corner.at(block), n) for block, n in enumerate(lanes)]
        return [None] * len(lanes)


@dataclass(frozen=True)
class TileEpilogue:
    """An epilogue on one tile: operands that are read for each pixel, and loop-invariant values of each block."""

    k: KernelBuilder
    terms: Terms
    per_pixel: dict[int, TileAddress]
    invariant: Sequence[Values]
    lanes: Sequence[int]

    def apply(self, value: Register, block: int = 0, row: Integer = 0, column: Integer = 0) -> Register:
        """The epilogue of one vector of sums."""
        values = list(self.invariant[block])
        values[0] = value
        for number, corner in self.per_pixel.items():
            values[number] = self.k.load_lanes(corner.at(block, row, column), self.lanes[block])
        return evaluated(self.k, self.terms, values)

    def store(self, size: tuple[int, int], target: TileAddress, result: Callable[[int, int, int], Register]) -> None:
        """Write a tile of `size` pixels; `result` gives the sum of each block, row and column.

        If the unrolled terms would be too long, the sums are stored on the stack and the terms are evaluated in a loop,
        which is nearly as fast with a fraction of the code.
        """
        k, (rows, columns), blocks = self.k, size, len(self.lanes)
        places = [(block, row, column) for row in range(rows) for column in range(columns) for block in range(blocks)]
        if (
            instructions(self.terms, len(self.invariant[0]) - len(self.terms), k.machine, k.dtype) * len(places)
            <= MAX_UNROLLED
        ):
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
        self.k.store_lanes(self.apply(value, block, row, column), target.at(block, row, column), self.lanes[block])


NO_EPILOGUE = Epilogue()


@cache
def instructions(terms: Terms, given: int, machine: Machine, dtype: DType) -> int:
    """An estimate of the instructions of terms over `given` values."""
    k = KernelBuilder("", machine, dtype, 0)
    evaluated(k, terms, [k.zero()] * given + [None] * len(terms))
    return k.length


def window_max(k: KernelBuilder, window: list[Register], codes: bool) -> tuple[Register, Register | None]:
    """The lane-wise maximum of vectors, and its index: the first of equal ones, the last NaN."""
    best = window[0]
    small = f"<{k.lanes} x i8>"
    code = k.zero(small) if codes else None
    for place, value in enumerate(window[1:], start=1):
        take = value.compare("ogt", best) | value.compare("uno", value)
        best = take.select(value, best)
        if code is not None:
            lanes = ", ".join(f"i8 {place}" for _ in range(k.lanes))
            code = take.select(Register(k, small, f"<{lanes}>"), code)
    return best, code
