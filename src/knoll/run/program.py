"""What every program can do, however it computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from knoll.graph import Array


class Program(Protocol):
    """A graph that can be run, forward and backward."""

    def forward(self, arrays: Sequence[Array], stamps: Sequence[object] = ()) -> tuple[list[Array], Any]:
        """Outputs, and what backward needs; an input has changed unless its stamp is equal to the last one."""

    def backward(self, saved: Any, doutputs: Sequence[Array]) -> list[Array]:
        """The gradient of each wanted input."""
