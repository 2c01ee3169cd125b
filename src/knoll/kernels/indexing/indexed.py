"""What gathering and scattering share: rows of elements at places that indices name.

Indices are not checked here: the caller has checked that they are in range. Negative ones count from the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import SCALARS, KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer


class Shared(Enum):
    """Which rows have the same indices."""

    SAMPLES = "all samples"
    PLANES = "all of a sample"
    NOTHING = "nothing: each element has its own"


@dataclass(frozen=True)
class Indexed(Kernel):
    """A table of (outer, size, inner) and rows of (outer, places, inner): row (o, p) is that of index p in plane o.

    `shared` tells which rows have the same indices, `index` their element type.
    """

    outer: int
    size: int
    places: int
    inner: int
    shared: Shared
    index: str = "int64"

    @property
    def pointers(self) -> int:
        """What is read, indices, and what is written."""
        return 3

    def _titled(self, operation: str) -> str:
        return f"{operation}_{self.outer}x{self.places}x{self.inner}_of_{self.size}"

    def index_at(self, k: KernelBuilder, indices: Pointer, number: Integer) -> IntRegister:
        """The index with this number, counted from the front."""
        kind = SCALARS[self.index]
        given = k.load(indices + number * np.dtype(self.index).itemsize, kind).name
        wide = given if kind == "i64" else k.emit(f"sext {kind} {given} to i64")
        below, wrapped = k.emit(f"icmp slt i64 {wide}, 0"), k.emit(f"add i64 {wide}, {self.size}")
        return IntRegister(k, k.emit(f"select i1 {below}, i64 {wrapped}, i64 {wide}"))

    def number_of(self, n: IntRegister, o: IntRegister, p: IntRegister) -> IntRegister:
        """The number of the index of a place, or of the first element of it."""
        if self.shared is Shared.SAMPLES:
            return p
        if self.shared is Shared.PLANES:
            return n * self.places + p
        return ((n * self.outer + o) * self.places + p) * self.inner
