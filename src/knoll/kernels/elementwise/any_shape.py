"""Elementwise operations on arrays that broadcast, whose shape and strides are known when they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.kernels.elementwise.nest import pieces
from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.elementwise.term import Terms, evaluated, hoisted, named
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.strided_copy import converted, repeated
from knoll.llvm.builder import SCALARS, KernelBuilder
from knoll.llvm.registers import Integer, Pointer, Register


@dataclass(frozen=True)
class AnyShape(Kernel):
    """Terms of arrays whose rows lie in order, or have `one` number for all elements of a row.

    Reads the operands, writes the result, and reads sizes and strides. Numbers are `stored` in the element type that
    they are computed with, or in half precision.
    """

    terms: Terms
    one: tuple[bool, ...]
    stored: str

    @property
    def title(self) -> str:
        """The operations, and which operands have one number in a row."""
        return "_".join([named(self.terms), self.stored, *("one" if one else "row" for one in self.one)])

    @property
    def pointers(self) -> int:
        """The operands, the result, sizes and strides."""
        return len(self.one) + 2

    def emit(self, k: KernelBuilder) -> None:
        """Pieces, rows, vectors."""
        with pieces(k, k.pointers[:-1]) as piece, k.loop(*piece.rows, name="row") as row:
            arrays = piece.row(row)
            start, stop = piece.elements
            middle, whole = (stop - (stop - start) % step for step in (VECTORS_AT_ONCE * k.lanes, k.lanes))
            with k.wider(VECTORS_AT_ONCE):
                self._stretch(k, arrays, start, middle, k.lanes)
            self._stretch(k, arrays, middle, whole, k.lanes)
            self._stretch(k, arrays, whole, stop, 1)

    def _stretch(self, k: KernelBuilder, arrays: Sequence[Pointer], start: Integer, stop: Integer, lanes: int) -> None:
        """The elements of a row from `start` up to `stop`, `lanes` at a time."""
        *operands, result = arrays
        known = [self._load(k, row, 1) if one else None for row, one in zip(operands, self.one, strict=True)]
        invariant, size = hoisted(k, self.terms, known), k.bytes if self.stored == self.element else 2
        with k.loop(start, stop, lanes, name="i") as i:
            values = list(invariant)
            for number, row in enumerate(operands):
                if not self.one[number]:
                    values[number] = self._load(k, row + i * size, lanes)
            self._store(k, evaluated(k, self.terms, values), result + i * size, lanes)

    def _load(self, k: KernelBuilder, place: Pointer, lanes: int) -> Register:
        """So many numbers as a vector; a single one in every lane."""
        scalar = SCALARS[self.stored]
        kind = scalar if lanes == 1 else f"<{lanes} x {scalar}>"
        number = converted(k, k.load(place, kind), self.stored, self.element)
        return repeated(k, number, k.lanes) if lanes == 1 else number

    def _store(self, k: KernelBuilder, number: Register, place: Pointer, lanes: int) -> None:
        """Write a vector, or its first number."""
        if lanes == 1:
            number = k.lane(number, 0)
        k.store(converted(k, number, self.element, self.stored), place)
