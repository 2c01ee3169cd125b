"""What kernels along one axis of contiguous arrays have in common, whose sizes are known when they run."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from knoll.kernels.elementwise.update import WORD
from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister


@dataclass(frozen=True)
class EagerAxis(Kernel):
    """A kernel along the middle axis of (outer, size, inner): of contiguous rows, or `beside` the axis.

    Reads the array, writes the result, and reads three integers: of rows how many there are, how long they are and how
    many are a part; else the size, the inner one and the pieces that this is cut into. A call says how many parts.
    """

    beside: bool

    @property
    def pointers(self) -> int:
        """The array, the result and the sizes."""
        return 3

    def emit(self, k: KernelBuilder) -> None:
        """Parts; rows, or vectors beside the axis."""
        sizes = [k.load_integer(k.pointers[2] + i * WORD) for i in range(3)]
        with k.loop(k.first_part, k.last_part, name="part") as part:
            if self.beside:
                self._part_beside(k, part, *sizes)
            else:
                self._part_of_rows(k, part, *sizes)

    @abstractmethod
    def _part_beside(self, k: KernelBuilder, part: IntRegister, size: Integer, inner: Integer, chunks: Integer) -> None:
        """All places of the axis, for a piece of the inner elements."""

    @abstractmethod
    def _part_of_rows(
        self, k: KernelBuilder, part: IntRegister, rows: Integer, size: Integer, at_once: Integer
    ) -> None:
        """Some rows."""
