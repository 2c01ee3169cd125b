"""What the kernels that write into the halo of images share: one buffer, read and written, block by block."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Pointer


@dataclass(frozen=True)
class HaloKernel(Kernel):
    """Writes into the halo of `images`, in place."""

    images: Images

    @property
    def pointers(self) -> int:
        """The images."""
        return 1

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.images.blocks

    def emit(self, k: KernelBuilder) -> None:
        """Samples, blocks."""
        images, b = self.images, k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="block") as block:
            self.write(k, k.pointers[0] + n * (images.size * b) + block * (images.plane * b))

    @abstractmethod
    def write(self, k: KernelBuilder, plane: Pointer) -> None:
        """Write into the halo of one block."""
