"""A scalar broadcast to all elements of the batch: the gradient of a full sum or mean."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.sums import CHUNK
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register


@dataclass(frozen=True)
class Expand(Kernel):
    """dy · scale for each of `elements` per sample; without a scale, dy / (elements of the whole batch)."""

    elements: int
    scale: float | None

    @property
    def title(self) -> str:
        """Operation and elements."""
        return f"expand_{self.elements}"

    @property
    def pointers(self) -> int:
        """The one number, and the many."""
        return 2

    @property
    def parts(self) -> int:
        """Chunks of `CHUNK` elements."""
        return ceil_div(self.elements, CHUNK)

    def emit(self, k: KernelBuilder) -> None:
        """Samples, stretches, vectors."""
        dy, dx = k.pointers
        value = k.splat(k.load(dy, k.scalar) * self._factor(k))
        left = self.elements % k.lanes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            sample = dx + n * (self.elements * k.bytes)
            with k.loop(part * CHUNK, k.minimum((part + 1) * CHUNK, self.elements - left), k.lanes) as i:
                k.store(value, sample + i * k.bytes)
            if left:
                with k.loop(0, (part + 1) // self.parts, name="last"):
                    k.store_lanes(value, sample + (self.elements - left) * k.bytes, left)

    def _factor(self, k: KernelBuilder) -> Register:
        """The scale; that of a mean is computed in double precision, as in Python."""
        if self.scale is not None:
            return Register(k, k.scalar, k.literal(self.scale))
        count = k.emit(f"uitofp i64 {k.batch * self.elements} to double")
        share = k.emit(f"fdiv double 1.0, {count}")
        return Register(k, k.scalar, share if k.scalar == "double" else k.emit(f"fptrunc double {share} to float"))
