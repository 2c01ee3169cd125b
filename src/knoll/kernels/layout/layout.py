"""Layouts of images in memory.

Inputs and outputs of a program are plain: channels, rows, columns. Inside, `block` channels of a pixel are contiguous,
so that a vector holds them, and each plane has a halo for padding, so that kernels need no code for borders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import overload

from knoll.graph.sizes import ceil_div, round_up
from knoll.llvm.registers import Integer

Halo = tuple[tuple[int, int], tuple[int, int]]  # (above, below), (left, right)
NO_HALO: Halo = ((0, 0), (0, 0))
PIXELS_PER_CHANNEL = 4  # of an image that has more numbers than most weights of a convolution that reads it


@dataclass(frozen=True)
class Images:
    """The layout of (n, c, h, w): blocks of channels, rows, columns, the channels of one block.

    >>> Images(32, 16, 16, block=16, halo=((2, 2), (2, 2)))
    2×20×20×16
    """

    c: int
    h: int
    w: int
    block: int = 1
    halo: Halo = NO_HALO

    @property
    def blocks(self) -> int:
        """How many blocks of channels; the last may be partly empty."""
        return ceil_div(self.c, self.block)

    @property
    def row(self) -> int:
        """Elements from one row to the next."""
        return (self.w + sum(self.halo[1])) * self.block

    @property
    def plane(self) -> int:
        """Elements from one block of channels to the next."""
        return (self.h + sum(self.halo[0])) * self.row

    @property
    def is_plain(self) -> bool:
        """Whether it is a contiguous NumPy array."""
        return self.block == 1 and self.halo == NO_HALO

    @property
    def size(self) -> int:
        """Elements from one image to the next.

        Inside a program images are aligned to cache lines, with room for a vector read past the end.
        """
        size = self.blocks * self.plane
        return size if self.is_plain else round_up(size, 16) + 16

    @property
    def shared_by_rows(self) -> bool:
        """Whether threads that share an image take rows of it, as the convolutions around do, rather than channels."""
        return self.h * self.w >= PIXELS_PER_CHANNEL * self.c

    @overload
    def at(self, i: int, j: int) -> int: ...

    @overload
    def at(self, i: Integer, j: Integer) -> Integer: ...

    def at(self, i: Integer, j: Integer) -> Integer:
        """Elements from the first of an image to row i, column j of its first channel; i and j may lie in the halo."""
        return (i + self.halo[0][0]) * self.row + (j + self.halo[1][0]) * self.block

    def with_halo(self, halo: Halo) -> Images:
        """The same layout with another halo."""
        return replace(self, halo=halo)

    def covers(self, wanted: Images) -> bool:
        """Whether it can be used for `wanted`: equal blocks, a halo at least as large."""
        sides = zip(sum(self.halo, ()), sum(wanted.halo, ()), strict=True)
        return self.block == wanted.block and all(mine >= asked for mine, asked in sides)

    def __repr__(self) -> str:
        return f"{self.blocks}×{self.plane // self.row}×{self.row // self.block}×{self.block}"


def larger(a: Halo, b: Halo) -> Halo:
    """The smallest halo that contains both."""
    (top, bottom), (left, right) = ((max(a[axis][0], b[axis][0]), max(a[axis][1], b[axis][1])) for axis in (0, 1))
    return (top, bottom), (left, right)
