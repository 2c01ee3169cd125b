"""A square of numbers turned round in registers: rows become columns."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.kernels.layout.lanes import shuffled
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register


def transposed(k: KernelBuilder, rows: Sequence[Register]) -> list[Register]:
    """As many vectors as a vector has lanes, so that lane i of vector j is what lane j of row i was.

    Squares of two, of four and so on change places across the diagonal. Source: Eklundh, A fast computer method for
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
