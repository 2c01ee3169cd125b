"""Horizontal reductions over the lanes of a vector: halves are combined, then quarters, down to single lanes."""

from __future__ import annotations

from collections.abc import Callable

from knoll.kernels.layout.lanes import shuffled
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register


def horizontal_sum(k: KernelBuilder, x: Register) -> Register:
    """The sum of all lanes, in every lane."""
    return horizontal(k, x, lambda a, b: a + b)


def horizontal_max(k: KernelBuilder, x: Register) -> Register:
    """The largest lane, in every lane."""
    return horizontal(k, x, larger)


def larger(a: Register, b: Register) -> Register:
    """The larger in each lane; b where one is NaN."""
    return a.compare("ogt", b).select(a, b)


def horizontal(k: KernelBuilder, x: Register, joined: Callable[[Register, Register], Register]) -> Register:
    """All lanes of each register joined in pairs, in every lane of it."""
    distance = k.machine.lanes(k.dtype) // 2
    while distance:
        x = joined(x, shuffled(k, x, x, [lane ^ distance for lane in range(k.lanes)]))
        distance //= 2
    return x
