"""What every program can do, however it computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from knoll.graph import Array

if TYPE_CHECKING:
    from knoll.run.compiled import CompiledProgram
    from knoll.run.stamp import Stamp


class Program(Protocol):
    """A graph that can be run, forward and backward."""

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], Any]:
        """Outputs, and what backward needs; an input has changed unless its stamp is equal to the last one."""

    def backward(self, saved: Any, doutputs: Sequence[Array]) -> list[Array]:
        """The gradient of each input in `wrt`."""

    def compiled_programs(self) -> Iterator[CompiledProgram]:
        """The programs in machine code that it is made of."""
