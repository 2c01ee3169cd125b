"""The phases of a convolution whose outputs are written a stride apart: of a transposed one, and of input gradients.

Outputs that leave the same remainder by the stride meet the same taps: they are a phase, a convolution that moves by
one. Phases with equally many taps share one kernel, which computes where each begins, so that the code does not grow
with the stride. Source: Vaidyanathan, Multirate digital filters, filter banks, polyphase networks, and applications: a
tutorial, 1990.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.graph.sizes import Pair
from knoll.llvm.builder import Integer, IntRegister


@dataclass(frozen=True)
class Phases:
    """`count` neighbouring phases of an axis of `size` outputs, from phase `begin` on.

    The outputs of phase p are p · dilation + shift and what differs from it by a multiple of the stride; its first tap
    meets weight p. Where stride and dilation have a divisor in common, phases from `turn` on are what lies between
    these outputs: they meet no weights.

    >>> axis = Phases(stride=2, size=5, count=2)
    >>> [axis.first(phase) for phase in (0, 1)], axis.lengths.tolist()
    ([0, 1], [3, 2])
    """

    stride: int = 1
    dilation: int = 1
    shift: int = 0
    size: int = 1
    begin: int = 0
    count: int = 1

    @property
    def turn(self) -> int:
        """How far apart the weights of a phase are; also the number of phases that can meet any."""
        return self.stride // gcd(self.stride, self.dilation)

    def _output(self, phase: Integer) -> Integer:
        if self.begin + self.count <= self.turn:
            return phase * self.dilation + self.shift
        return phase % self.turn * self.dilation + phase // self.turn + self.shift

    def first(self, phase: Integer) -> Integer:
        """The first output of a phase."""
        return self._output(phase) % self.stride

    def earlier(self, phase: Integer) -> Integer:
        """How many elements of the source its taps begin earlier than they would if its first output were not moved."""
        return self._output(phase) // self.stride

    def length(self, phase: Integer) -> Integer:
        """How many outputs a phase has."""
        return (self.size + self.stride - 1 - self.first(phase)) // self.stride

    @cached_property
    def lengths(self) -> Array:
        """How many outputs each phase has."""
        every: Any = np.arange(self.begin, self.begin + self.count)
        lengths: Any = self.length(every)
        return np.asarray(lengths)

    @cached_property
    def starts(self) -> Array:
        """How much earlier the taps of each phase begin."""
        every: Any = np.arange(self.begin, self.begin + self.count)
        earlier: Any = self.earlier(every)
        return np.asarray(earlier)


@dataclass(frozen=True)
class Phase:
    """One phase of both axes: its number, its first output, how much earlier its taps begin, and its size."""

    number: Integer
    first: tuple[Integer, Integer]
    earlier: tuple[Integer, Integer]
    size: tuple[Integer, Integer]


@dataclass(frozen=True)
class Polyphase:
    """Phases of rows times phases of columns, each a convolution of its own with weights of its own."""

    rows: Phases = Phases()
    columns: Phases = Phases()

    @property
    def count(self) -> int:
        """How many there are."""
        return self.rows.count * self.columns.count

    @property
    def apart(self) -> Pair:
        """How far apart the outputs of a phase are."""
        return self.rows.stride, self.columns.stride

    def least(self, size: Pair) -> Pair:
        """The size of the smallest phase that has outputs, where `size` is that of the largest."""
        rows, columns = (
            most if _is_even(axis) else max(1, int(axis.lengths.min()))
            for axis, most in zip((self.rows, self.columns), size, strict=True)
        )
        return rows, columns

    def outputs(self, size: Pair) -> int:
        """How many outputs all phases have together."""
        rows, columns = (
            most * axis.count if _is_even(axis) else int(axis.lengths.sum())
            for axis, most in zip((self.rows, self.columns), size, strict=True)
        )
        return rows * columns

    def of(self, part: IntRegister, each: int, size: Pair) -> tuple[Phase, IntRegister]:
        """The phase of a part, and which of its own `each` parts that is."""
        if self.count == 1:
            return self._phase(0, self.rows.begin, self.columns.begin, size), part
        number, across = part // each, self.columns.count
        row: Integer = number // across + self.rows.begin if self.rows.count > 1 else self.rows.begin
        column: Integer = number % across + self.columns.begin if across > 1 else self.columns.begin
        return self._phase(number, row, column, size), part % each

    def _phase(self, number: Integer, row: Integer, column: Integer, size: Pair) -> Phase:
        """A phase without rows has no columns either."""
        rows, columns = (
            most if _is_even(axis) else axis.length(phase)
            for axis, phase, most in ((self.rows, row, size[0]), (self.columns, column, size[1]))
        )
        if not _is_even(self.rows) and not self.rows.lengths.min():
            columns = columns * rows
        first = self.rows.first(row), self.columns.first(column)
        return Phase(number, first, (self.rows.earlier(row), self.columns.earlier(column)), (rows, columns))


ALONE = Polyphase()


def _is_even(axis: Phases) -> bool:
    """Whether all phases of an axis have equally many outputs."""
    return axis.count == 1 or int(axis.lengths.min()) == int(axis.lengths.max())
