"""A constant in every element of the images of a buffer; the halo around them stays zero."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.pixel_address import corner
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder


@dataclass(frozen=True)
class Fill(Kernel):
    """The same number in all pixels."""

    target: Images
    value: float

    @property
    def title(self) -> str:
        """Operation and images."""
        return f"fill_{self.target.c}x{self.target.h}x{self.target.w}"

    @property
    def pointers(self) -> int:
        """The result."""
        return 1

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.target.blocks

    def emit(self, k: KernelBuilder) -> None:
        """Samples, blocks, rows, vectors."""
        (y,), t, b = k.pointers, self.target, k.bytes
        number = k.constant(self.value)
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="block") as block:
            plane = corner(k, y, t, n, block)
            with k.loop(0, t.h, name="i") as i:
                row = plane + i * (t.row * b)
                for place, lanes in vector_offsets(k, t.w * t.block):
                    k.store_lanes(number, row + place, lanes)
