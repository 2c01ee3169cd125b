"""The protocol of programs: inference, forward, backward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from knoll.graph import Array

if TYPE_CHECKING:
    from knoll.run.compiled import CompiledProgram
    from knoll.run.stamp import Stamp


class Program(Protocol):
    """An executable graph; `gives_views` says that results may lie in the memory of inputs or of each other."""

    @property
    def gives_views(self) -> bool:
        """Whether a result may share memory."""

    def infer(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> list[Array]:
        """The outputs; an input counts as changed unless its stamp equals the last one."""

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], Any]:
        """The outputs, as `infer` gives them, and a context for backward."""

    def backward(self, saved: Any, doutputs: Sequence[Array], keep: bool = False) -> list[Array]:
        """The gradient of each input in `wrt`; it uses up what was saved, but for `keep`."""

    def compiled_programs(self) -> Iterator[CompiledProgram]:
        """The programs in machine code that it is made of."""
