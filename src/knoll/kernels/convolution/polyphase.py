"""Polyphase components of transposed convolutions and input gradients.

Outputs whose index has the same remainder modulo the stride read the same taps; they are one component, a convolution
of stride 1. Components with equally many taps share one kernel, which computes where each begins, so that the code does
not grow with the stride. Source: Vaidyanathan, Multirate digital filters, filter banks, polyphase networks, and
applications: a tutorial, 1990.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.graph.sizes import Pair
from knoll.llvm.registers import Integer


@dataclass(frozen=True)
class AxisComponents:
    """`count` neighbouring components of an axis of `size` outputs, from component `begin` on.

    The outputs of component p are p · dilation + shift and what differs from it by a multiple of the stride; its first
    tap meets weight p. Where stride and dilation have a divisor in common, components from `reduced_stride` on are what
    lies between these outputs: they meet no weights.

    >>> axis = AxisComponents(stride=2, size=5, count=2)
    >>> [axis.first(component) for component in (0, 1)], axis.lengths.tolist()
    ([0, 1], [3, 2])
    """

    stride: int = 1
    dilation: int = 1
    shift: int = 0
    size: int = 1
    begin: int = 0
    count: int = 1

    @property
    def reduced_stride(self) -> int:
        """The stride over its common divisor with the dilation: weights from one of a component to the next.

        It is also how many components have weights.
        """
        return self.stride // gcd(self.stride, self.dilation)

    def _output(self, component: Integer) -> Integer:
        if self.begin + self.count <= self.reduced_stride:
            return component * self.dilation + self.shift
        return component % self.reduced_stride * self.dilation + component // self.reduced_stride + self.shift

    def first(self, component: Integer) -> Integer:
        """The first output of a component."""
        return self._output(component) % self.stride

    def earlier(self, component: Integer) -> Integer:
        """By how many elements of the source its taps begin earlier than those of output 0."""
        return self._output(component) // self.stride

    def length(self, component: Integer) -> Integer:
        """How many outputs a component has."""
        return (self.size + self.stride - 1 - self.first(component)) // self.stride

    @cached_property
    def lengths(self) -> Array:
        """How many outputs each component has."""
        every: Any = np.arange(self.begin, self.begin + self.count)
        lengths: Any = self.length(every)
        return np.asarray(lengths)

    @cached_property
    def starts(self) -> Array:
        """How much earlier the taps of each component begin."""
        every: Any = np.arange(self.begin, self.begin + self.count)
        earlier: Any = self.earlier(every)
        return np.asarray(earlier)


@dataclass(frozen=True)
class Component:
    """One component of both axes: its number, its first output, how much earlier its taps begin, and its size."""

    number: Integer
    first: tuple[Integer, Integer]
    earlier: tuple[Integer, Integer]
    size: tuple[Integer, Integer]

    def start(self, start: Pair) -> tuple[Integer, Integer]:
        """The row and column of the source at its first tap, where output 0's is at `start`."""
        return start[0] - self.earlier[0], start[1] - self.earlier[1]


@dataclass(frozen=True)
class Polyphase:
    """Components of rows times components of columns, each a convolution of its own with weights of its own."""

    rows: AxisComponents = AxisComponents()
    columns: AxisComponents = AxisComponents()

    @property
    def count(self) -> int:
        """The number of components."""
        return self.rows.count * self.columns.count

    @property
    def stride(self) -> Pair:
        """Distance between neighbouring outputs of a component."""
        return self.rows.stride, self.columns.stride

    def least(self, size: Pair) -> Pair:
        """The size of the smallest component that has outputs, where `size` is that of the largest."""
        rows, columns = (
            most if _is_even(axis) else max(1, int(axis.lengths.min()))
            for axis, most in zip((self.rows, self.columns), size, strict=True)
        )
        return rows, columns

    def outputs(self, size: Pair) -> int:
        """How many outputs all components have together."""
        rows, columns = (
            most * axis.count if _is_even(axis) else int(axis.lengths.sum())
            for axis, most in zip((self.rows, self.columns), size, strict=True)
        )
        return rows * columns

    @property
    def is_even(self) -> bool:
        """Whether all components have equally many outputs."""
        return _is_even(self.rows) and _is_even(self.columns)

    def of(self, number: Integer, size: Pair) -> Component:
        """The component of a number; if it has no rows, its number of columns is 0 too, so that it is skipped."""
        across = self.columns.count
        row: Integer = number // across + self.rows.begin if self.rows.count > 1 else self.rows.begin
        column: Integer = number % across + self.columns.begin if across > 1 else self.columns.begin
        rows, columns = (
            most if _is_even(axis) else axis.length(component)
            for axis, component, most in ((self.rows, row, size[0]), (self.columns, column, size[1]))
        )
        if not _is_even(self.rows) and not self.rows.lengths.min():
            columns = columns * rows
        first = self.rows.first(row), self.columns.first(column)
        return Component(number, first, (self.rows.earlier(row), self.columns.earlier(column)), (rows, columns))


ONE_COMPONENT = Polyphase()


def _is_even(axis: AxisComponents) -> bool:
    """Whether all components of an axis have equally many outputs."""
    return axis.count == 1 or int(axis.lengths.min()) == int(axis.lengths.max())
