"""Operations that look at one element at a time, over whole vectors."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.formulas import FORMULAS
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.layout import Images
from knoll.llvm.builder import Kernel


@dataclass(frozen=True)
class Pointwise(KernelSpec):
    """One formula over arrays that lie in blocks of the same width, perhaps with different halos."""

    formula: str
    sources: tuple[Images, ...]
    target: Images

    @property
    def title(self) -> str:
        """The formula and the images."""
        return f"{self.formula}_{self.target.c}x{self.target.h}x{self.target.w}"

    @property
    def pointers(self) -> int:
        """The sources and the result."""
        return len(self.sources) + 1

    @property
    def parts(self) -> int:
        """Blocks times rows."""
        return self.target.blocks * self.target.h

    def emit(self, k: Kernel) -> None:
        """Samples, rows, vectors of a row."""
        b, target = k.bytes, self.target
        length = target.w * target.block
        whole = length - length % k.lanes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            block, i = part // target.h, part % target.h
            lines = [
                pointer
                + n * (images.size * b)
                + block * (images.plane * b)
                + i * (images.row * b)
                + images.at(0, 0) * b
                for pointer, images in zip(k.pointers, (*self.sources, target), strict=True)
            ]
            if whole:
                with k.loop(0, whole, k.lanes, name="j") as j:
                    values = [k.load(line + j * b) for line in lines[:-1]]
                    k.store(FORMULAS[self.formula](k, *values), lines[-1] + j * b)
            if length % k.lanes:
                values = [k.load_lanes(line + whole * b, length % k.lanes) for line in lines[:-1]]
                k.store_lanes(FORMULAS[self.formula](k, *values), lines[-1] + whole * b, length % k.lanes)
