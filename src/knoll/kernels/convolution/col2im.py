"""Columns of windows added up to images: the gradient of laying windows out in columns.

Taps are added in order, each to a whole image, so a sum does not depend on the threads, which share channels.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import Pair
from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Pointer


@dataclass(frozen=True)
class Col2im(Kernel):
    """y[c, i · stride + r · dilation, …] = Σ x[c, r, s, i, j] over all taps and windows; y has its padding."""

    channels: int
    size: Pair
    kernel: Pair
    windows: Pair
    stride: Pair
    dilation: Pair

    @property
    def title(self) -> str:
        """Operation, image and window."""
        (h, w), (r, s) = self.size, self.kernel
        return f"col2im_{self.channels}x{h}x{w}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """Columns and images."""
        return 2

    @property
    def parts(self) -> int:
        """Channels."""
        return self.channels

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, channels (parts); zeros; then taps, rows of windows, windows."""
        columns, images = k.pointers
        (h, w), (r, s), (rows, wide) = self.size, self.kernel, self.windows
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="channel") as c:
            plane = n * self.channels + c
            given, image = columns + plane * (r * s * rows * wide * k.bytes), images + plane * (h * w * k.bytes)
            for offset, lanes in vector_offsets(k, h * w):
                k.store_lanes(k.zero(), image + offset, lanes)
            with k.loop(0, r, name="r") as down, k.loop(0, s, name="s") as right, k.loop(0, rows, name="i") as i:
                source = given + ((down * s + right) * rows + i) * (wide * k.bytes)
                row = i * self.stride[0] + down * self.dilation[0]
                self._add_row(k, source, image + (row * w + right * self.dilation[1]) * k.bytes)

    def _add_row(self, k: KernelBuilder, source: Pointer, target: Pointer) -> None:
        """Add a row of windows to the pixels that one tap meets."""
        (_, wide), apart = self.windows, self.stride[1]
        if apart == 1:
            for offset, lanes in vector_offsets(k, wide):
                total = k.load_lanes(target + offset, lanes) + k.load_lanes(source + offset, lanes)
                k.store_lanes(total, target + offset, lanes)
            return
        with k.loop(0, wide, name="j") as j:
            place = target + j * (apart * k.bytes)
            k.store(k.load(place, k.scalar) + k.load(source + j * k.bytes, k.scalar), place)
