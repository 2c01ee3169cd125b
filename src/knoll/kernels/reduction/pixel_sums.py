"""The sum of each channel over the pixels of its image: the gradient of what was repeated over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.kernels.elementwise.term import Terms, evaluated, named
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.pixels import add_pixels
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import LoopCarried, Pointer


@dataclass(frozen=True)
class PixelSums(Kernel):
    """Sums of terms over sources in blocks of channels; terms of one source alone may be none."""

    terms: Terms
    sources: tuple[Images, ...]
    target: Images

    @property
    def title(self) -> str:
        """Operation and images."""
        x = self.sources[0]
        return f"{named(self.terms)}_sum_pixels_{x.c}x{x.h}x{x.w}".lstrip("_")

    @property
    def pointers(self) -> int:
        """The sources and the sums."""
        return len(self.sources) + 1

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.target.blocks

    def emit(self, k: KernelBuilder) -> None:
        """Samples, blocks, rows, columns."""
        *sources, sums = k.pointers

        def add(pixel: list[Pointer], cells: Sequence[LoopCarried]) -> None:
            given = [k.load(pointer) for pointer in pixel]
            cells[0].value = cells[0].number + evaluated(k, self.terms, [*given, *(None for _ in self.terms)])

        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="block") as block:
            total = LoopCarried(k.zero())
            add_pixels(k, self.sources, sources, n, block, (total,), add)
            place = n * (self.target.size * k.bytes) + block * (self.target.plane * k.bytes)
            k.store(total.number, sums + place + self.target.at(0, 0) * k.bytes)
