"""Transposition of a square of elements in registers."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.kernels.layout.lanes import shuffled
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register


def transposed(k: KernelBuilder, rows: Sequence[Register]) -> list[Register]:
    """The transpose of a square of as many vectors as a vector has lanes: lane i of result j is lane j of row i.

    Blocks of 1, 2, 4 … lanes are exchanged across the diagonal. Source: Eklundh, A fast computer method for
    matrix transposing, 1972.
    """
    square, lanes = list(rows), range(k.lanes)
    side = 1
    while side < k.lanes:
        upper = [lane if not lane & side else k.lanes + lane - side for lane in lanes]
        lower = [lane + side if not lane & side else k.lanes + lane for lane in lanes]
        for i in lanes:
            if not i & side:
                a, b = square[i], square[i + side]
                square[i], square[i + side] = shuffled(k, a, b, upper), shuffled(k, a, b, lower)
        side *= 2
    return square
