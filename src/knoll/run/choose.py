"""Which way a graph is run: machine code where it pays, plain NumPy for the glue between."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

from knoll.graph import Array, Graph, gradient
from knoll.ops.elementwise import add
from knoll.run.reference import Reference


class Program(Protocol):
    """A graph that can be run, forward and backward."""

    def forward(self, arrays: Sequence[Array], stamps: Sequence[object] = ()) -> tuple[list[Array], Any]:
        """Outputs, and what backward needs; `stamps` are equal as long as an input has not changed."""

    def backward(self, saved: Any, doutputs: Sequence[Array]) -> list[Array]:
        """The gradient of each wanted input."""


_programs: dict[Hashable, Program] = {}


def program_for(graph: Graph, wanted: tuple[int, ...]) -> Program:
    """The program of `graph` that can give the gradients of the inputs numbered in `wanted`."""
    key = (graph.key, wanted)
    program = _programs.get(key)
    if program is None:
        differentiated = gradient(graph, wanted, add) if wanted else None
        program = _programs[key] = Reference(graph, differentiated)
    return program
