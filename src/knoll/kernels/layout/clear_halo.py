"""Zeros around the images of a buffer, whose memory held something else before."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.layout.halo_kernel import HaloKernel
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Pointer


@dataclass(frozen=True)
class ClearHalo(HaloKernel):
    """The halo of `images` becomes zero; the images stay as they are."""

    @property
    def title(self) -> str:
        """Operation and images."""
        return f"clear_halo_{self.images.c}x{self.images.h}x{self.images.w}"

    def write(self, k: KernelBuilder, plane: Pointer) -> None:
        """What lies before the first row, between two rows, and after the last one."""
        images, b = self.images, k.bytes
        before, row = images.at(0, 0), images.w * images.block
        after = before + (images.h - 1) * images.row + row
        self._clear(k, plane, before)
        with k.loop(0, images.h - 1, name="i") as i:
            self._clear(k, plane + (before + row) * b + i * (images.row * b), images.row - row)
        self._clear(k, plane + after * b, images.plane - after)

    def _clear(self, k: KernelBuilder, place: Pointer, size: int) -> None:
        """Zero so many elements."""
        for offset, lanes in vector_offsets(k, size):
            k.store_lanes(k.zero(), place + offset, lanes)
