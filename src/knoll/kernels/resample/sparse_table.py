"""Sparse tables as constants of a kernel: the index and weight of each entry, and the divisor of each result.

Contiguous indices with weight 1 need no list of entries.
"""

from __future__ import annotations

from functools import cached_property

from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer, Register
from knoll.ops.resample.tables import Table


class SparseTable:
    """A sparse table (CSR) in constant memory; neighbouring indices are `step` bytes apart."""

    k: KernelBuilder
    step: int
    table: Table
    entries_per_result: int | None

    def __init__(self, k: KernelBuilder, table: Table, step: int) -> None:
        self.k, self.table, self.step = k, table, step
        counts = table.counts
        even = table.results > 0 and bool((counts == counts[0]).all())
        self.entries_per_result = int(counts[0]) if even else None  # None if results have different numbers of entries
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
        """The range of entries of a result."""
        if self.entries_per_result is None:
            return self._number(self._starts + result * 8), self._number(self._stops + result * 8)
        first = self._number(self._starts + result * 8) if self._are_places else result * self.entries_per_result
        return first, first + self.entries_per_result

    def place(self, entry: Integer) -> Integer:
        """The byte offset that an entry reads."""
        return entry * self.step if self._are_places else self._number(self._places + entry * 8)

    def weight(self, entry: Integer) -> Register | None:
        """The weight of an entry; None if all are 1."""
        return self._one_of(self._weights, entry)

    def divisor(self, result: Integer) -> Register | None:
        """The divisor of a result; None if it is the same for all."""
        return self._one_of(self._divisors, result)

    def _number(self, pointer: Pointer) -> IntRegister:
        return self.k.load_integer(pointer)

    def _one_of(self, numbers: Pointer | None, index: Integer) -> Register | None:
        return None if numbers is None else self.k.splat(self.k.load(numbers + index * self.k.bytes, self.k.scalar))
