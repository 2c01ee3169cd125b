"""Numbers to the places that indices name, and from there, one plane at a time.

Indices are taken as they are: the caller has made sure that each names a pixel of the image.
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
    """Each of the `pooled` numbers of a plane to its place among `pixels`, of several the last; zero elsewhere."""

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
        """Samples, channels; zeros, then numbers in their order."""
        x, indices, y = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="channel") as c:
            plane = n * self.channels + c
            image, here = y + plane * (self.pixels * k.bytes), plane * self.pooled
            for place, lanes in vector_offsets(k, self.pixels):
                k.store_lanes(k.zero(), image + place, lanes)
            with k.loop(0, self.pooled, name="p") as p:
                number = k.load(x + (here + p) * k.bytes, k.scalar)
                k.store(number, named(k, image, indices + (here + p) * INDEX_BYTES))


@dataclass(frozen=True)
class Gather(Kernel):
    """For each of the `pooled` indices of a plane the number among `pixels` that it names."""

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
                number = k.load(named(k, image, indices + (here + p) * INDEX_BYTES), k.scalar)
                k.store(number, x + (here + p) * k.bytes)


def named(k: KernelBuilder, image: Pointer, index: Pointer) -> Pointer:
    """The pixel that an index in memory names."""
    return image + IntRegister(k, k.load(index, "i64").name) * k.bytes
