"""Codes of max pooling: the index of the maximum within its window, in row-major order, in one byte or two."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph import AnyWindow
from knoll.kernels.layout.layout import Images
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer, Register


@dataclass(frozen=True)
class Codes:
    """The codes of pooled `images`, `bits` wide, in the same layout."""

    bits: int
    images: Images

    @property
    def none(self) -> int:
        """The code of a window without an element."""
        return (1 << self.bits) - 1

    @property
    def element(self) -> str:
        """The type of a code."""
        return f"uint{self.bits}"

    def at(self, pointer: Pointer, sample: Integer, block: Integer, i: Integer, j: Integer) -> Pointer:
        """The address of the codes of a vector of channels."""
        size, images = self.bits // 8, self.images
        image = pointer + sample * (images.size * size) + block * (images.plane * size)
        return image + i * (images.row * size) + j * (images.block * size)

    def load(self, k: KernelBuilder, pointer: Pointer) -> Register:
        """The codes of a vector of channels."""
        return k.load(pointer, f"<{k.lanes} x i{self.bits}>")

    def all(self, k: KernelBuilder, code: Integer) -> Register:
        """A code in every lane."""
        if isinstance(code, IntRegister):
            return k.splat(Register(k, f"i{self.bits}", k.emit(f"trunc i64 {code} to i{self.bits}")))
        signed = code - (1 << self.bits) if code >= 1 << (self.bits - 1) else code
        lanes = ", ".join([f"i{self.bits} {signed}"] * k.lanes)
        return Register(k, f"<{k.lanes} x i{self.bits}>", f"<{lanes}>")


def codes_of(rows: AnyWindow, columns: AnyWindow, pooled: Images) -> Codes:
    """The codes of windows over rows and columns; two bytes wide if a window has more than 255 elements."""
    images = Images(pooled.c, pooled.h, pooled.w, pooled.block)
    return Codes(8 if rows.kernel * columns.kernel < 2**8 else 16, images)


def have_codes(rows: AnyWindow, columns: AnyWindow) -> bool:
    """Whether two bytes are enough for the code of any element of a window."""
    return rows.kernel * columns.kernel < 2**16
