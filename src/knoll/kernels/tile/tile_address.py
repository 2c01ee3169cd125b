"""Where a tile lies in memory: the address of its first vector, and how far the others are from there."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import Pair
from knoll.kernels.layout.layout import Images
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, Pointer


@dataclass(frozen=True)
class TileAddress:
    """The first vector of a tile, and bytes to the next block of channels, the next row and the next column."""

    pointer: Pointer
    block: int
    down: int = 0
    right: int = 0

    def at(self, block: int, row: Integer = 0, column: Integer = 0) -> Pointer:
        """The vector so many blocks, rows and columns away."""
        return self.pointer + (block * self.block + row * self.down + column * self.right)


@dataclass(frozen=True)
class TilePosition:
    """Which tile of images: its sample, its first block of channels, its first row and column.

    Its pixels stand in memory at `first`, and `stride` from each other along both axes.
    """

    sample: Integer
    block: Integer
    row: Integer
    column: Integer
    first: tuple[Integer, Integer] = (0, 0)
    stride: Pair = (1, 1)

    def in_images(self, pointer: Pointer, images: Images, size: int) -> TileAddress:
        """Where the tile lies in images whose elements have `size` bytes."""
        down, right = self.stride[0] * images.row * size, self.stride[1] * images.block * size
        image = pointer + self.sample * (images.size * size) + images.at(*self.first) * size
        plane = image + self.block * (images.plane * size)
        return TileAddress(plane + self.row * down + self.column * right, images.plane * size, down, right)

    def in_channels(self, k: KernelBuilder, pointer: Pointer) -> TileAddress:
        """Where its channels lie in an array that has one number for each: the same for all pixels."""
        return TileAddress(pointer + self.block * (k.lanes * k.bytes), k.lanes * k.bytes)


@dataclass(frozen=True)
class MatrixTile:
    """Which tile of a matrix whose rows are samples: its first row, and its first column; blocks are vectors."""

    row: Integer
    column: Integer
    lanes: int

    def in_images(self, pointer: Pointer, images: Images, size: int) -> TileAddress:
        """Where the tile lies in a matrix with as many columns as images have channels."""
        down = images.size * size
        return TileAddress(pointer + self.row * down + self.column * size, self.lanes * size, down)

    def in_channels(self, k: KernelBuilder, pointer: Pointer) -> TileAddress:
        """Where its columns lie in an array that has one number for each."""
        return TileAddress(pointer + self.column * k.bytes, k.lanes * k.bytes)
