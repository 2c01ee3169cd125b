"""Operands that are smaller than the result, and are repeated along each axis in which they have one place."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.layout.layout import Images
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer, Register


@dataclass(frozen=True)
class Repeated:
    """An operand with an entry for each sample, whose strides are zero along the axes in which it has one place.

    In blocks of channels where it has several, else in single channels.
    """

    images: Images

    def line(self, k: KernelBuilder, pointer: Pointer, n: IntRegister, block: Integer, i: Integer) -> Pointer:
        """The address of what a line of the result reads: row i of a block of sample n."""
        x, b = self.images, k.bytes
        plane = x.plane * (x.c > 1)
        return pointer + n * (x.size * b) + x.at(0, 0) * b + block * (plane * b) + i * (x.row * (x.h > 1) * b)

    def merges_rows(self, target: Images) -> bool:
        """Whether the rows of an image can be read as one line: one place for all pixels, or one for each."""
        x = self.images
        pixels = (x.h, x.w) == (target.h, target.w) and x.row == x.w * x.block
        return (x.h, x.w) == (1, 1) or pixels


def broadcast(k: KernelBuilder, pointer: Pointer, images: Images) -> Register:
    """One place of an operand, for all pixels: the channels of a block, or one number."""
    if images.c > 1 and images.block > 1:
        return k.repeated(k.load(pointer, k.one_vector))
    return k.splat(k.load(pointer, k.scalar))


def spread(k: KernelBuilder, pointer: Pointer, pixel: Integer, block: int) -> Register:
    """A number for each pixel from `pixel` on, in all lanes of its block of channels."""
    count = k.lanes // block
    given = k.load(pointer + pixel * k.bytes, f"<{count} x {k.scalar}>")
    mask = ", ".join(f"i32 {lane // block}" for lane in range(k.lanes))
    text = f"shufflevector {given.type} {given.name}, {given.type} poison, <{k.lanes} x i32> <{mask}>"
    return Register(k, k.vector, k.emit(text, "shuffle"))
