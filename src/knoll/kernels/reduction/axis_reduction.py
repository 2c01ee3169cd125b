"""Sums along an axis of each sample, and the broadcast along an axis, which is their gradient.

A sample has the shape (outer, size, inner); the axis is the one in the middle. Vector lanes run along `inner`, or along
the axis if `inner` is 1; the remainder is masked.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.rows import vector_offsets
from knoll.kernels.reduction.sums import CHUNK
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class AxisKernel(Kernel):
    """A kernel over samples of shape (outer, size, inner)."""

    outer: int
    size: int
    inner: int

    @property
    def pointers(self) -> int:
        """What is read, and what is written."""
        return 2

    @property
    def parts(self) -> int:
        """The outer index."""
        return self.outer


@dataclass(frozen=True)
class AxisSum(AxisKernel):
    """The sum along the axis, divided by `divisor`: 1, or the size for a mean."""

    divisor: float

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return f"sum_along_{self.outer}x{self.size}x{self.inner}"

    def emit(self, k: KernelBuilder) -> None:
        """Samples and parts; lanes hold neighbours beside the axis, or places along it where there are none."""
        x, sums = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="outer") as part:
            place = n * self.outer + part
            line, total = x + place * (self.size * self.inner * k.bytes), sums + place * (self.inner * k.bytes)
            if self.inner == 1:
                k.store_lanes(self._shared(k, self._of_line(k, line)), total, 1)
            else:
                for beside, lanes in vector_offsets(k, self.inner):
                    result = summed(k, line + beside, self.size, self.inner, lanes)
                    k.store_lanes(self._shared(k, result), total + beside, lanes)

    def _of_line(self, k: KernelBuilder, line: Pointer) -> Register:
        """The sum of contiguous elements: whole vectors, then the remainder, masked."""
        left = self.size % k.lanes
        whole = summed(k, line, self.size // k.lanes, k.lanes, k.lanes) if self.size > left else k.zero()
        if left:
            whole = whole + k.load_lanes(line + (self.size - left) * k.bytes, left)
        return horizontal_sum(k, whole)

    def _shared(self, k: KernelBuilder, total: Register) -> Register:
        return total if self.divisor == 1 else total / k.constant(float(self.divisor))


def summed(k: KernelBuilder, first: Pointer, count: Integer, step: Integer, lanes: int) -> Register:
    """The sum of `count` vectors, `step` elements apart, in chunks, as short sums round less."""
    total = LoopCarried(k.zero())
    with k.loop(0, count, CHUNK, carrying=[total], name="stretch") as start:
        own = LoopCarried(k.zero())
        with k.loop(start, k.minimum(start + CHUNK, count), carrying=[own]) as i:
            own.value = own.number + k.load_lanes(first + i * (step * k.bytes), lanes)
        total.value = total.number + own.number
    return total.number


@dataclass(frozen=True)
class AxisBroadcast(AxisKernel):
    """dy · scale, broadcast along the axis."""

    scale: float

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return f"expand_along_{self.outer}x{self.size}x{self.inner}"

    def emit(self, k: KernelBuilder) -> None:
        """Samples and parts; lanes hold neighbours beside the axis, or places along it where there are none."""
        dy, dx = k.pointers
        scale = k.constant(self.scale)
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="outer") as part:
            place = n * self.outer + part
            one, line = dy + place * (self.inner * k.bytes), dx + place * (self.size * self.inner * k.bytes)
            if self.inner == 1:
                value = k.splat(k.load(one, k.scalar)) * scale
                for along, lanes in vector_offsets(k, self.size):
                    k.store_lanes(value, line + along, lanes)
            else:
                for beside, lanes in vector_offsets(k, self.inner):
                    value = k.load_lanes(one + beside, lanes) * scale
                    with k.loop(0, self.size) as i:
                        k.store_lanes(value, line + i * (self.inner * k.bytes) + beside, lanes)
