"""Scatter and gather by indices, within each plane (image and channel).

Indices are not checked here: the caller has checked that they are in range.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister, Pointer

INDEX_BYTES = 8


@dataclass(frozen=True)
class Scatter(Kernel):
    """y[index[p]] = x[p] for the `pooled` elements of a plane of `pixels`; the last one wins, zero elsewhere."""

    channels: int
    pooled: int
    pixels: int

    @property
    def title(self) -> str:
        """Operation, channels and sizes."""
        return f"scatter_{self.channels}x{self.pooled}_{self.pixels}"

    @property
    def pointers(self) -> int:
        """Numbers, indices and images."""
        return 3

    @property
    def parts(self) -> int:
        """Channels."""
        return self.channels

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, channels; first zeros, then elements in order."""
        x, indices, y = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="channel") as c:
            plane = n * self.channels + c
            image, here = y + plane * (self.pixels * k.bytes), plane * self.pooled
            for place, lanes in vector_offsets(k, self.pixels):
                k.store_lanes(k.zero(), image + place, lanes)
            with k.loop(0, self.pooled, name="p") as p:
                number = k.load(x + (here + p) * k.bytes, k.scalar)
                k.store(number, indexed(k, image, indices + (here + p) * INDEX_BYTES))


@dataclass(frozen=True)
class Gather(Kernel):
    """x[p] = y[index[p]] for the `pooled` indices of a plane of `pixels`."""

    channels: int
    pooled: int
    pixels: int

    @property
    def title(self) -> str:
        """Operation, channels and sizes."""
        return f"gather_{self.channels}x{self.pooled}_{self.pixels}"

    @property
    def pointers(self) -> int:
        """Images, indices and numbers."""
        return 3

    @property
    def parts(self) -> int:
        """Channels."""
        return self.channels

    def emit(self, k: KernelBuilder) -> None:
        """Samples, channels, numbers."""
        y, indices, x = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="channel") as c:
            plane = n * self.channels + c
            image, here = y + plane * (self.pixels * k.bytes), plane * self.pooled
            with k.loop(0, self.pooled, name="p") as p:
                number = k.load(indexed(k, image, indices + (here + p) * INDEX_BYTES), k.scalar)
                k.store(number, x + (here + p) * k.bytes)


def indexed(k: KernelBuilder, image: Pointer, index: Pointer) -> Pointer:
    """The address of the pixel whose index is stored at `index`."""
    return image + IntRegister(k, k.load(index, "i64").name) * k.bytes
