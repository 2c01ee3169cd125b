"""The copy of an array of any shape and strides into another, perhaps of another element type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from knoll.kernels.elementwise.nest import Piece, pieces
from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.transpose import transposed
from knoll.llvm.builder import SCALARS, KernelBuilder
from knoll.llvm.registers import Integer, Pointer, Register
from knoll.machine import Machine

# How the elements of a row lie: in one place, in order, in reverse order, some bytes apart, or across: those of a
# column lie in order, so that squares are transposed in registers
Lie = Literal["one", "order", "reverse", "apart", "across"]


@dataclass(frozen=True)
class StridedCopy(Kernel):
    """The elements of an array that lie as `reads` says, as elements of another type that lie as `writes` says.

    Reads the source, writes the target, and reads sizes and strides. Vectors have as many elements as one of floats or
    doubles has, whatever the element types.
    """

    given: str
    made: str
    reads: Lie
    writes: Lie

    @property
    def title(self) -> str:
        """The element types, and how both lie."""
        return f"copy_{self.given}_{self.reads}_{self.made}_{self.writes}"

    @property
    def pointers(self) -> int:
        """Source, target, sizes and strides."""
        return 3

    def emit(self, k: KernelBuilder) -> None:
        """Pieces, rows, vectors; or squares of rows and elements."""
        with pieces(k, k.pointers[:2]) as piece:
            first, last = piece.rows
            if self.reads == "across":
                whole = last - (last - first) % k.lanes
                with k.loop(first, whole, k.lanes, name="rows") as row:
                    self._squares(k, piece, row)
                first = whole
            with k.loop(first, last, name="row") as row:
                self._row(k, piece, row)

    def _row(self, k: KernelBuilder, piece: Piece, row: Integer) -> None:
        """The elements of a row: several vectors at once, vectors, single ones."""
        start, stop = piece.elements
        several = VECTORS_AT_ONCE if {self.reads, self.writes} <= {"one", "order"} else 1
        for lanes in sorted({several * k.lanes, k.lanes, 1}, reverse=True):
            end = stop - (stop - start) % lanes
            source, target = piece.row(row)
            one = self._one(k, source, lanes) if self.reads == "one" else None
            with k.loop(start, end, lanes, name="i") as i:
                number = one or self._converted(k, self._read(k, source, i, lanes, piece.strides[0]))
                self._write(k, number, target, i, lanes, piece.strides[1])
            start = end

    def _squares(self, k: KernelBuilder, piece: Piece, row: Integer) -> None:
        """As many rows as a vector has lanes, in squares; then what is left of each."""
        start, stop = piece.elements
        whole = stop - (stop - start) % k.lanes
        sources, targets = zip(*(piece.row(row + j) for j in range(k.lanes)), strict=True)
        with k.loop(start, whole, k.lanes, name="i") as i:
            kind = f"<{k.lanes} x {SCALARS[self.given]}>"
            columns = [k.load(sources[0] + (i + j) * piece.strides[0], kind) for j in range(k.lanes)]
            for target, number in zip(targets, transposed(k, columns), strict=True):
                self._write(k, self._converted(k, number), target, i, k.lanes, piece.strides[1])
        with k.loop(whole, stop, name="left") as i, k.loop(0, k.lanes, name="j") as j:
            source, target = piece.row(row + j)
            number = self._converted(k, self._read(k, source, i, 1, piece.strides[0]))
            self._write(k, number, target, i, 1, piece.strides[1])

    def _one(self, k: KernelBuilder, source: Pointer, lanes: int) -> Register:
        """The number of a row that has only one, in every lane."""
        number = self._converted(k, k.load(source, SCALARS[self.given]))
        return number if lanes == 1 else repeated(k, number, lanes)

    def _read(self, k: KernelBuilder, row: Pointer, i: Integer, lanes: int, stride: Integer) -> Register:
        """Neighbouring elements of a row."""
        scalar, size = SCALARS[self.given], np.dtype(self.given).itemsize
        if lanes == 1:
            return k.load(row + i * stride, scalar)
        vector = f"<{lanes} x {scalar}>"
        if self.reads == "order":
            return k.load(row + i * size, vector)
        if self.reads == "reverse":
            number = k.load(row + (i + (lanes - 1)) * -size, vector)
            order = ", ".join(f"i32 {lane}" for lane in reversed(range(lanes)))
            text = f"shufflevector {vector} {number.name}, {vector} poison, <{lanes} x i32> <{order}>"
            return Register(k, vector, k.emit(text, "shuffle"))
        name = "poison"
        for lane in range(lanes):
            one = k.load(row + (i + lane) * stride, scalar)
            name = k.emit(f"insertelement {vector} {name}, {scalar} {one.name}, i32 {lane}")
        return Register(k, vector, name)

    def _write(self, k: KernelBuilder, number: Register, row: Pointer, i: Integer, lanes: int, stride: Integer) -> None:
        """Write neighbouring elements of a row."""
        if self.writes == "order":
            k.store(number, row + i * np.dtype(self.made).itemsize)
        elif lanes == 1:
            k.store(number, row + i * stride)
        else:
            for lane in range(lanes):
                k.store(k.lane(number, lane), row + (i + lane) * stride)

    def _converted(self, k: KernelBuilder, number: Register) -> Register:
        return converted(k, number, self.given, self.made)


def repeated(k: KernelBuilder, number: Register, lanes: int) -> Register:
    """A vector with one number in each of so many lanes."""
    vector = f"<{lanes} x {number.type}>"
    one = k.emit(f"insertelement {vector} poison, {number.type} {number.name}, i32 0")
    text = f"shufflevector {vector} {one}, {vector} poison, <{lanes} x i32> zeroinitializer"
    return Register(k, vector, k.emit(text, "broadcast"))


def converted(k: KernelBuilder, number: Register, given: str, made: str) -> Register:
    """Numbers of one element type as another."""
    if given == made:
        return number
    instruction = instruction_of(given, made)
    assert instruction is not None, "a conversion that kernels know"
    kind = number.type.replace(SCALARS[given], SCALARS[made])
    text = f"{instruction} {number.type} {number.name} to {kind}"
    return Register(k, kind, k.emit(text) if SCALARS[given] != SCALARS[made] else number.name)


def instruction_of(given: str, made: str) -> str | None:
    """LLVM's conversion between element types; None where kernels know none that does as NumPy does.

    What becomes of a float that no integer holds is the processor's affair, and a truth is not a part of a number. A
    double is rounded once to half precision, for which most processors have no instruction.

    >>> instruction_of("uint8", "float32"), instruction_of("float32", "int64")
    ('uitofp', None)
    """
    a, b = np.dtype(given), np.dtype(made)
    if a == b:
        return "bitcast"
    if "b" in b.kind or (a.kind == "f" and b.kind != "f") or ({a.itemsize, b.itemsize} == {2, 8} and "f" in a.kind):
        return None
    if a.kind == b.kind == "f":
        return "fpext" if a.itemsize < b.itemsize else "fptrunc"
    unsigned = a.kind in "ub"
    if b.kind == "f":
        return None if b.itemsize == 2 else "uitofp" if unsigned else "sitofp"
    if a.itemsize == b.itemsize:
        return "bitcast"
    return "trunc" if a.itemsize > b.itemsize else "zext" if unsigned else "sext"


def strided_copy(machine: Machine, given: str, made: str, reads: Lie, writes: Lie) -> StridedCopy:
    """The copy between two element types, with vectors of floats, or of doubles where an element is that large."""
    wide = max(np.dtype(given).itemsize, np.dtype(made).itemsize) == 8
    return StridedCopy(machine, "float64" if wide else "float32", given, made, reads, writes)
