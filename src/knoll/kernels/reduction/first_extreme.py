"""The gradient of the largest or the smallest element along an axis, of which the first has all.

A sample has the shape (outer, size, inner), as for sums.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.reduction.axis_extreme import ExtremeGradient
from knoll.kernels.reduction.rows import row_vectors
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import LoopCarried, Pointer, Register


@dataclass(frozen=True)
class FirstExtremeGradient(ExtremeGradient):
    """dy for the first element of x that equals the extreme y, or is NaN; zero elsewhere."""

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return f"first_extreme_dx_along_{self.outer}x{self.size}x{self.inner}"

    def along(self, k: KernelBuilder, lines: tuple[Pointer, Pointer], ones: list[Register]) -> None:
        """Lanes along the axis: `left` is dy until an element has got it, then zero."""
        (source, target), (gradient, extreme) = lines, ones
        left = LoopCarried(gradient)
        for i, lanes, numbers in row_vectors(k, source, self.size, left):
            first, found = _first(k, _won(numbers, extreme))
            k.store_lanes(first.select(left.number, k.zero()), target + i * k.bytes, lanes)
            left.value = found.select(k.zero(), left.number)

    def beside(self, k: KernelBuilder, lines: tuple[Pointer, Pointer], ones: list[Register], lanes: int) -> None:
        """Lanes beside the axis."""
        (source, target), (gradient, extreme) = lines, ones
        left, step = LoopCarried(gradient), self.inner * k.bytes
        with k.loop(0, self.size, carrying=[left]) as i:
            won = _won(k.load_lanes(source + i * step, lanes), extreme)
            k.store_lanes(won.select(left.number, k.zero()), target + i * step, lanes)
            left.value = won.select(k.zero(), left.number)


def _won(x: Register, extreme: Register) -> Register:
    """Where x is the extreme: if a NaN stands on the axis, where x is NaN."""
    return x.compare("oeq", extreme) | x.compare("uno", x)


def _first(k: KernelBuilder, truths: Register) -> tuple[Register, Register]:
    """The first lane in which a truth holds, and whether there is one."""
    bits = f"i{k.lanes}"
    given = Register(k, bits, k.emit(f"bitcast {truths.type} {truths.name} to {bits}"))
    negated = k.emit(f"sub {bits} 0, {given.name}")
    lowest = k.emit(f"and {bits} {given.name}, {negated}")
    first = Register(k, truths.type, k.emit(f"bitcast {bits} {lowest} to {truths.type}"))
    return first, Register(k, "i1", k.emit(f"icmp ne {bits} {given.name}, 0"))
