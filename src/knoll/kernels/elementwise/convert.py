"""Conversion of integers and truth values to floats."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.sums import CHUNK
from knoll.llvm.builder import SCALARS, KernelBuilder
from knoll.llvm.registers import Integer, Pointer, Register


@dataclass(frozen=True)
class Convert(Kernel):
    """Each of `elements` integers of a sample as the nearest float."""

    elements: int
    given: str

    @property
    def title(self) -> str:
        """Both types and how many."""
        return f"convert_{self.given}_{self.elements}"

    @property
    def pointers(self) -> int:
        """The integers and the floats."""
        return 2

    @property
    def parts(self) -> int:
        """Stretches of some thousand bytes."""
        return ceil_div(self.elements, CHUNK)

    def emit(self, k: KernelBuilder) -> None:
        """Samples, stretches, vectors; what is left one by one."""
        integer = SCALARS[self.given]
        size, whole = int(integer[1:]) // 8, self.elements - self.elements % k.lanes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            source, target = (p + n * (self.elements * b) for p, b in zip(k.pointers, (size, k.bytes), strict=True))

            def moved(i: Integer, given: str, made: str, x: Pointer = source, y: Pointer = target) -> None:
                number = k.load(x + i * size, given)
                k.store(Register(k, made, k.emit(f"sitofp {given} {number.name} to {made}")), y + i * k.bytes)

            with k.loop(part * CHUNK, k.minimum((part + 1) * CHUNK, whole), k.lanes) as i:
                moved(i, f"<{k.lanes} x {integer}>", k.vector)
            with k.loop(k.maximum(part * CHUNK, whole), k.minimum((part + 1) * CHUNK, self.elements)) as i:
                moved(i, integer, k.scalar)
