"""Addresses of register tiles in images, per-channel arrays and matrices."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import Pair
from knoll.kernels.layout.layout import Images
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, Pointer


@dataclass(frozen=True)
class TileAddress:
    """The address of a tile: its first vector, and the strides in bytes to the next block, row and column."""

    pointer: Pointer
    block: int
    down: int = 0
    right: int = 0

    def at(self, block: int, row: Integer = 0, column: Integer = 0) -> Pointer:
        """The address of a vector of the tile."""
        return self.pointer + (block * self.block + row * self.down + column * self.right)


@dataclass(frozen=True)
class TilePosition:
    """The position of a tile in images: its sample, first block of channels, first row and first column.

    With polyphase components, the pixels of a component begin at `first` and are `stride` apart.
    """

    sample: Integer
    block: Integer
    row: Integer
    column: Integer
    first: tuple[Integer, Integer] = (0, 0)
    stride: Pair = (1, 1)

    def in_images(self, pointer: Pointer, images: Images, size: int) -> TileAddress:
        """The address of the tile in images whose elements have `size` bytes."""
        down, right = self.stride[0] * images.row * size, self.stride[1] * images.block * size
        image = pointer + self.sample * (images.size * size) + images.at(*self.first) * size
        plane = image + self.block * (images.plane * size)
        return TileAddress(plane + self.row * down + self.column * right, images.plane * size, down, right)

    def in_channels(self, k: KernelBuilder, pointer: Pointer) -> TileAddress:
        """The address of its channels in an array with one element per channel."""
        return TileAddress(pointer + self.block * (k.lanes * k.bytes), k.lanes * k.bytes)


@dataclass(frozen=True)
class MatrixTile:
    """The position of a tile in a matrix: its first row and first column; its blocks are vectors of columns."""

    row: Integer
    column: Integer
    lanes: int

    def in_images(self, pointer: Pointer, images: Images, size: int) -> TileAddress:
        """The address of the tile in a matrix with as many columns as `images` has channels."""
        down = images.size * size
        return TileAddress(pointer + self.row * down + self.column * size, self.lanes * size, down)

    def in_channels(self, k: KernelBuilder, pointer: Pointer) -> TileAddress:
        """The address of its columns in an array with one element per column."""
        return TileAddress(pointer + self.column * k.bytes, k.lanes * k.bytes)
