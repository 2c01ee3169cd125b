"""The gated linear unit: the first half of an axis times the sigmoid of the second.

A sample has the shape (outer, 2, half). Vector lanes run along `half`; the remainder is masked.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.elementwise.mathematics import sigmoid
from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder


@dataclass(frozen=True)
class Glu(Kernel):
    """a · σ(b)."""

    outer: int
    half: int

    @property
    def title(self) -> str:
        """What it does, and the array."""
        return f"glu{'_dx' * (self.pointers - 2)}_{self.outer}x{self.half}"

    @property
    def pointers(self) -> int:
        """Both halves, and the result."""
        return 2

    @property
    def parts(self) -> int:
        """Pairs of halves."""
        return self.outer

    def emit(self, k: KernelBuilder) -> None:
        """Samples, pairs of halves, vectors."""
        x, y = k.pointers
        step = self.half * k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            pair = n * self.outer + part
            a, target = x + pair * (2 * step), y + pair * step
            for place, lanes in vector_offsets(k, self.half):
                gate = sigmoid(k, k.load_lanes(a + step + place, lanes))
                k.store_lanes(k.load_lanes(a + place, lanes) * gate, target + place, lanes)


@dataclass(frozen=True)
class GluGradient(Glu):
    """dy · σ(b) for the first half, dy · a · σ(b) · σ(−b) for the second."""

    @property
    def pointers(self) -> int:
        """The gradient of the result, both halves, and their gradients."""
        return 3

    def emit(self, k: KernelBuilder) -> None:
        """Samples, pairs of halves, vectors."""
        dy, x, dx = k.pointers
        step = self.half * k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            pair = n * self.outer + part
            source, a, target = dy + pair * step, x + pair * (2 * step), dx + pair * (2 * step)
            for place, lanes in vector_offsets(k, self.half):
                b = k.load_lanes(a + step + place, lanes)
                da = k.load_lanes(source + place, lanes) * sigmoid(k, b)
                k.store_lanes(da, target + place, lanes)
                db = da * k.load_lanes(a + place, lanes) * sigmoid(k, k.zero() - b)
                k.store_lanes(db, target + step + place, lanes)
