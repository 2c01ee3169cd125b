"""A sparse table in a kernel's own memory: where each entry lies, how much it counts, what results are divided by."""

from __future__ import annotations

from itertools import accumulate

from knoll.llvm.builder import Index, Integer, Kernel, Number, Pointer
from knoll.ops.tables import Table


class Entries:
    """The entries of all results, one after the other; places are `step` bytes apart."""

    def __init__(self, k: Kernel, table: Table, step: int) -> None:
        self.k, self.table, self.step = k, table, step
        counts = [len(places) for places in table.places]
        self.starts = [0, *accumulate(counts)]
        self.each = counts[0] if len(set(counts)) == 1 else None  # how many entries a result has, if all have as many
        self._starts = k.table(self.starts) if self.each is None else None
        self._places = k.table([place * step for places in table.places for place in places] or [0])
        self._weights = k.table([w for each in table.weights for w in each], k.scalar) if table.weighs else None
        self._divisors = k.table(table.divisors, k.scalar) if table.divisor is None else None

    def of(self, result: Index) -> tuple[Integer, Integer]:
        """The first entry of a result, and the first after it."""
        if self._starts is None:
            first = result * (self.each or 0)
            return first, first + (self.each or 0)
        return self._number(self._starts + result * 8), self._number(self._starts + (result * 8 + 8))

    def place(self, entry: Integer) -> Index:
        """How many bytes from the first place an entry lies."""
        return self._number(self._places + entry * 8)

    def weight(self, entry: Integer) -> Number | None:
        """How much it counts; None if all count once."""
        return self._one_of(self._weights, entry)

    def divisor(self, result: Integer) -> Number | None:
        """What a result is divided by; None if that is the same for all."""
        return self._one_of(self._divisors, result)

    def _number(self, pointer: Pointer) -> Index:
        return Index(self.k, self.k.load(pointer, "i64").name)

    def _one_of(self, numbers: Pointer | None, index: Integer) -> Number | None:
        return None if numbers is None else self.k.splat(self.k.load(numbers + index * self.k.bytes, self.k.scalar))
