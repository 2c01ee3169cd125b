"""An elementwise operation on arrays of as many elements as a call says, whatever their shape."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.elementwise.term import Term, evaluated, hoisted
from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer

STRETCH = 1 << 14  # elements of a part: they stay in a core's cache, and there are many parts to share


@dataclass(frozen=True)
class Flat(Kernel):
    """A term of arrays that lie in one order, or of single numbers for all elements.

    Reads the operands, writes the result, and reads how many elements there are; a call says how many parts.
    """

    term: Term
    single: tuple[bool, ...]

    @property
    def title(self) -> str:
        """The operation, and which operands are single numbers."""
        return "_".join(["flat", self.term.op.name, *("single" if single else "array" for single in self.single)])

    @property
    def pointers(self) -> int:
        """The operands, the result and the count."""
        return len(self.single) + 2

    def emit(self, k: KernelBuilder) -> None:
        """Stretches, vectors."""
        elements = k.load_integer(k.pointers[-1])
        with k.loop(k.first_part, k.last_part, name="part") as part:
            start = part * STRETCH
            stop = k.minimum(start + STRETCH, elements)
            middle, whole = (stop - (stop - start) % step for step in (VECTORS_AT_ONCE * k.lanes, k.lanes))
            with k.wider(VECTORS_AT_ONCE):
                self._stretch(k, start, middle, k.lanes)
            self._stretch(k, middle, whole, k.lanes)
            self._stretch(k, whole, stop, 1)

    def _stretch(self, k: KernelBuilder, start: Integer, stop: Integer, lanes: int) -> None:
        """The elements from `start` up to `stop`, `lanes` at a time."""
        *operands, result = k.pointers[:-1]
        known = [
            k.splat(k.load(pointer, k.scalar)) if single else None
            for pointer, single in zip(operands, self.single, strict=True)
        ]
        invariant = hoisted(k, (self.term,), known)
        with k.loop(start, stop, lanes, name="element") as i:
            values = list(invariant)
            for number, pointer in enumerate(operands):
                if not self.single[number]:
                    values[number] = k.load_lanes(pointer + i * k.bytes, lanes)
            k.store_lanes(evaluated(k, (self.term,), values), result + i * k.bytes, lanes)
