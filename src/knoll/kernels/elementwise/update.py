"""Updates of parameters by an optimiser: one pass over a parameter, its gradient and what is remembered of it.

Source: the idea of one kernel over a list of tensors is that of Apex, `multi_tensor_apply`.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.elementwise.arithmetic import arithmetic
from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, Pointer
from knoll.ops.update_rule import UpdateRule

WORD = 8  # bytes of an address or a count


@dataclass(frozen=True)
class Update(Kernel):
    """A rule applied to stretches of arrays.

    Reads a table with a row for each part: the addresses of a stretch of each array, and its number of elements. Reads
    the factors; writes all arrays but the gradients.
    """

    rule: UpdateRule

    @property
    def title(self) -> str:
        """The name of the rule."""
        return f"update_{self.rule.name}"

    @property
    def pointers(self) -> int:
        """The table and the factors."""
        return 2

    @property
    def columns(self) -> int:
        """Words in a row of the table."""
        return self.rule.arrays + 1

    def emit(self, k: KernelBuilder) -> None:
        """Stretches, vectors."""
        table, wide = k.pointers[0], VECTORS_AT_ONCE * k.lanes
        with k.loop(k.first_part, k.last_part, name="part") as part:
            row = table + part * (self.columns * WORD)
            arrays = [k.load_pointer(row + i * WORD) for i in range(self.rule.arrays)]
            count = k.load_integer(row + self.rule.arrays * WORD)
            middle, whole = count - count % wide, count - count % k.lanes
            with k.wider(VECTORS_AT_ONCE):
                self._stretch(k, arrays, 0, middle, k.lanes)
            self._stretch(k, arrays, middle, whole, k.lanes)
            self._stretch(k, arrays, whole, count, 1)

    def _stretch(self, k: KernelBuilder, arrays: list[Pointer], start: Integer, stop: Integer, lanes: int) -> None:
        """Update the elements from `start` up to `stop`, `lanes` at a time."""
        numbers = [k.splat(k.load(k.pointers[1] + i * k.bytes, k.scalar)) for i in range(len(self.rule.factors))]
        factors = dict(zip(self.rule.factors, numbers, strict=True))
        p, _, *remembered = arrays
        with k.loop(start, stop, lanes, name="element") as i:
            now, gradient, *old = [k.load_lanes(array + i * k.bytes, lanes) for array in arrays]
            results = self.rule.updated(arithmetic(k), now, gradient, old, factors)
            for result, array in zip(results, (p, *remembered), strict=True):
                k.store_lanes(result, array + i * k.bytes, lanes)
