"""A sparse table in a kernel's own memory: where each entry lies, how much it counts, what results are divided by.

Neighbours that count once each need no list of entries: each is its own place.
"""

from __future__ import annotations

from functools import cached_property

from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer, Register
from knoll.ops.tables import Table


class SparseTable:
    """The entries of all results, one after the other; places are `step` bytes apart."""

    k: KernelBuilder
    step: int
    table: Table
    each: int | None

    def __init__(self, k: KernelBuilder, table: Table, step: int) -> None:
        self.k, self.table, self.step = k, table, step
        counts = table.counts
        even = table.results > 0 and bool((counts == counts[0]).all())
        self.each = int(counts[0]) if even else None  # how many entries a result has, if all have as many
        self._are_places = table.listed is None and table.weights is None
        self._weights = k.table(table.weights, k.scalar) if table.weights is not None else None
        self._divisors = k.table(table.divisors, k.scalar) if table.divisor is None else None

    @cached_property
    def _starts(self) -> Pointer:
        return self.k.table(self.table.firsts if self._are_places else self.table.starts)

    @cached_property
    def _stops(self) -> Pointer:
        return self.k.table(self.table.firsts + self.table.counts) if self._are_places else self._starts + 8

    @cached_property
    def _places(self) -> Pointer:
        return self.k.table(self.table.places * self.step)

    def of(self, result: IntRegister) -> tuple[Integer, Integer]:
        """The first entry of a result, and the first after it."""
        if self.each is None:
            return self._number(self._starts + result * 8), self._number(self._stops + result * 8)
        first = self._number(self._starts + result * 8) if self._are_places else result * self.each
        return first, first + self.each

    def place(self, entry: Integer) -> Integer:
        """How many bytes from the first place an entry lies."""
        return entry * self.step if self._are_places else self._number(self._places + entry * 8)

    def weight(self, entry: Integer) -> Register | None:
        """How much it counts; None if all count once."""
        return self._one_of(self._weights, entry)

    def divisor(self, result: Integer) -> Register | None:
        """What a result is divided by; None if that is the same for all."""
        return self._one_of(self._divisors, result)

    def _number(self, pointer: Pointer) -> IntRegister:
        return IntRegister(self.k, self.k.load(pointer, "i64").name)

    def _one_of(self, numbers: Pointer | None, index: Integer) -> Register | None:
        return None if numbers is None else self.k.splat(self.k.load(numbers + index * self.k.bytes, self.k.scalar))
