"""Strided copies: loop nests with a source and a target stride for each loop.

They reorder images between layouts, and pack and unpack weights. Where the contiguous axes of source and target differ,
square blocks are transposed in registers.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.transpose import transposed
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Pointer

Loop = tuple[int, int, int]  # size, source stride, target stride, in elements
MIN_TRANSPOSED = 3  # fewer contiguous elements than this are copied one by one


@dataclass(frozen=True)
class Nest:
    """A loop nest, outermost loop first, with the starting offsets of source and target."""

    loops: tuple[Loop, ...]
    source: int = 0
    target: int = 0


@dataclass(frozen=True)
class Copy(Kernel):
    """The copy of all elements that the nests visit; `sizes` are the elements per sample of source and target."""

    nests: tuple[Nest, ...]
    sizes: tuple[int, int]
    label: str = "copy"

    @property
    def title(self) -> str:
        """The kind of copy."""
        return self.label

    @property
    def pointers(self) -> int:
        """Source and target."""
        return 2

    @property
    def parts(self) -> int:
        """The outermost loop of the first nest."""
        return self.nests[0].loops[0][0]

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, then nests; the first nest is divided into parts, the others belong to the last part."""
        source, target = k.pointers
        b = k.bytes
        with k.loop(0, k.count, name="n") as n:
            x, y = source + n * (self.sizes[0] * b), target + n * (self.sizes[1] * b)
            first, *rest = self.nests
            _, from_stride, to_stride = first.loops[0]
            with k.loop(k.first_part, k.last_part, name="part") as part:
                self._nest(
                    k,
                    first.loops[1:],
                    x + part * (from_stride * b) + first.source * b,
                    y + part * (to_stride * b) + first.target * b,
                )
            for nest in rest:
                with k.loop(k.maximum(k.first_part, self.parts - 1), k.last_part, name="last"):
                    self._nest(k, nest.loops, x + nest.source * b, y + nest.target * b)

    def _nest(self, k: KernelBuilder, loops: tuple[Loop, ...], x: Pointer, y: Pointer) -> None:
        b = k.bytes
        if len(loops) == 1 and loops[0][1:] == (1, 1):
            self._copy_contiguous(k, loops[0][0], x, y)
        elif len(loops) == 2 and self._transposes(*loops):
            self._transpose_squares(k, *loops, x, y)
        elif loops:
            size, from_stride, to_stride = loops[0]
            with k.loop(0, size) as i:
                self._nest(k, loops[1:], x + i * (from_stride * b), y + i * (to_stride * b))
        else:
            k.store(k.load(x, k.scalar), y)

    def _transposes(self, outer: Loop, inner: Loop) -> bool:
        """Whether one loop is contiguous in the source and the other in the target."""
        crossed = (outer[1], inner[2]) == (1, 1) or (outer[2], inner[1]) == (1, 1)
        return crossed and inner[0] <= self.lanes and outer[0] >= MIN_TRANSPOSED

    def _transpose_squares(self, k: KernelBuilder, outer: Loop, inner: Loop, x: Pointer, y: Pointer) -> None:
        """Both loops, in squares as wide as a vector that are transposed in registers."""
        size, from_stride, to_stride = outer
        whole = size - size % k.lanes
        if whole:
            with k.loop(0, whole, k.lanes) as i:
                self._transpose(
                    k, k.lanes, outer, inner, x + i * (from_stride * k.bytes), y + i * (to_stride * k.bytes)
                )
        if size % k.lanes:
            end = x + whole * from_stride * k.bytes, y + whole * to_stride * k.bytes
            self._transpose(k, size % k.lanes, outer, inner, *end)

    def _transpose(self, k: KernelBuilder, count: int, outer: Loop, inner: Loop, x: Pointer, y: Pointer) -> None:
        """Transpose `count` steps of the outer loop and all of the inner one."""
        along_outer = outer[1] == 1  # how vectors lie in the source; in the target they lie the other way
        rows, row_step, lanes = (inner[0], inner[1], count) if along_outer else (count, outer[1], inner[0])
        given = [k.load_lanes(x + i * row_step * k.bytes, lanes) for i in range(rows)]
        columns = transposed(k, given + [k.zero()] * (k.lanes - rows))
        step = outer[2] if along_outer else inner[2]
        for j in range(lanes):
            k.store_lanes(columns[j], y + j * step * k.bytes, rows)

    def _copy_contiguous(self, k: KernelBuilder, size: int, x: Pointer, y: Pointer) -> None:
        """Copy `size` contiguous elements: whole vectors, then the remainder, masked."""
        whole = size - size % k.lanes
        if whole:
            with k.loop(0, whole, k.lanes) as i:
                k.store(k.load(x + i * k.bytes), y + i * k.bytes)
        if size % k.lanes:
            tail = k.load_lanes(x + whole * k.bytes, size % k.lanes)
            k.store_lanes(tail, y + whole * k.bytes, size % k.lanes)


def between(source: Images, target: Images) -> tuple[Nest, ...]:
    """The nests that copy images from one layout to another; halos are not written."""
    if source.block == target.block:
        lines = ((source.blocks, source.plane, target.plane), (source.h, source.row, target.row))
        return (Nest((*lines, (source.w * source.block, 1, 1)), source.at(0, 0), target.at(0, 0)),)
    wide, narrow = (source, target) if source.block > target.block else (target, source)
    assert narrow.block == 1, "one side has single channels"
    whole, left = divmod(source.c, wide.block)

    def nest(blocks: int, channels: int, first: int) -> Nest:
        def strides(images: Images) -> tuple[tuple[int, int], int]:
            single = images is narrow
            outer = images.plane * (wide.block if single else 1)
            return (outer, images.plane if single else 1), images.at(0, 0) + first * outer

        (from_outer, from_inner), start = strides(source)
        (to_outer, to_inner), stop = strides(target)
        return Nest(
            ((blocks, from_outer, to_outer), *_pixels(source, target), (channels, from_inner, to_inner)), start, stop
        )

    nests = ([nest(whole, wide.block, 0)] if whole else []) + ([nest(1, left, whole)] if left else [])
    return tuple(nests)


def _pixels(source: Images, target: Images) -> tuple[Loop, ...]:
    """The loops over rows and columns; a single loop where both sides have no gap between rows."""
    if all(images.row == images.w * images.block for images in (source, target)):
        return ((source.h * source.w, source.block, target.block),)
    return (source.h, source.row, target.row), (source.w, source.block, target.block)
