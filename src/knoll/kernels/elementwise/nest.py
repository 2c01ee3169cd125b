"""The loop nest of arrays whose shape and strides are known when a kernel runs: five axes, shared out in pieces.

A call orders and merges the axes of its arrays so that few are left: up to three around, whose places are worked out by
division, the rows, and the elements of a row. Source: `TensorIterator` of PyTorch and `nditer` of NumPy merge axes so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.elementwise.update import WORD
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer

AXES = 5  # three around, rows, elements
STRETCH = 1 << 14  # elements of a piece: they stay in a core's cache, and there are many pieces to share


@dataclass(frozen=True)
class Sizes:
    """The sizes of a call: of each axis, and how much of it a piece has.

    A piece has `around_at_once` neighbouring places of the axes around, as many rows and as many elements of each.
    """

    around: tuple[int, int, int]
    rows: int
    elements: int
    around_at_once: int
    rows_at_once: int
    elements_at_once: int

    @property
    def pieces(self) -> int:
        """How many pieces there are, which threads share."""
        a, b, c = self.around
        around = ceil_div(a * b * c, self.around_at_once)
        return around * ceil_div(self.rows, self.rows_at_once) * ceil_div(self.elements, self.elements_at_once)

    @property
    def words(self) -> tuple[int, ...]:
        """The integers that a kernel reads in front of the strides."""
        a, b, c = self.around
        rows, elements = ceil_div(self.rows, self.rows_at_once), ceil_div(self.elements, self.elements_at_once)
        return (
            *(a * b * c, self.around_at_once, b, c),
            *(self.rows, self.rows_at_once, rows),
            *(self.elements, self.elements_at_once, elements),
        )


WORDS = 10  # of sizes


@dataclass(frozen=True)
class Piece:
    """Where the arrays begin at a place of the axes around, the strides of rows and elements, and which of them."""

    arrays: list[Pointer]
    row_strides: list[IntRegister]
    strides: list[IntRegister]
    rows: tuple[Integer, Integer]
    elements: tuple[Integer, Integer]

    def row(self, number: Integer) -> list[Pointer]:
        """Where a row begins in each array."""
        return [array + number * stride for array, stride in zip(self.arrays, self.row_strides, strict=True)]


@contextmanager
def pieces(k: KernelBuilder, arrays: Sequence[Pointer]) -> Iterator[Piece]:
    """Loop nest: parts, places of the axes around; the last pointer of the kernel has the sizes, then the strides."""
    words = [k.load_integer(k.pointers[-1] + i * WORD) for i in range(WORDS + AXES * len(arrays))]
    around, at_once, second, third, rows, rows_at_once, row_pieces, size, size_at_once, size_pieces = words[:WORDS]
    strides = [words[start : start + AXES] for start in range(WORDS, len(words), AXES)]
    with k.loop(k.first_part, k.last_part, name="part") as part:
        element = part % size_pieces * size_at_once
        row = part // size_pieces % row_pieces * rows_at_once
        first = part // size_pieces // row_pieces * at_once
        with k.loop(first, k.minimum(first + at_once, around), name="place") as place:
            places = place // third // second, place // third % second, place % third
            starts = []
            for array, steps in zip(arrays, strides, strict=True):
                start = array
                for at, step in zip(places, steps, strict=False):
                    start = start + at * step
                starts.append(start)
            yield Piece(
                starts,
                [steps[3] for steps in strides],
                [steps[4] for steps in strides],
                (row, k.minimum(row + rows_at_once, rows)),
                (element, k.minimum(element + size_at_once, size)),
            )
