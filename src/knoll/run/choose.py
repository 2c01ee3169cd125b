"""Which way a graph is run: machine code where it pays, plain NumPy for the glue between."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

from knoll.graph import Array, Graph, gradient
from knoll.machine import Machine, host
from knoll.ops.elementwise import add
from knoll.plan.lower import lower, lower_differentiated
from knoll.plan.native import HEAVY, batch_of
from knoll.plan.rewrite import rewritten
from knoll.run.compiled import Compiled
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
        program = _programs[key] = build(graph, wanted, host())
    return program


def build(graph: Graph, wanted: tuple[int, ...], machine: Machine) -> Program:
    """A new program: machine code if the graph has work that is worth it and kernels for all of it."""
    heavy = any(node.op.name in HEAVY for node in graph.nodes)
    if not heavy or batch_of(graph) is None:
        return Reference(graph, gradient(graph, wanted, add) if wanted else None)
    graph = rewritten(graph)
    inputs, outputs = [v.spec for v in graph.inputs], [v.spec for v in graph.outputs]
    if not wanted:
        batch = batch_of(graph)
        assert batch is not None
        return Compiled(lower(graph, batch, machine), inputs, outputs, ())
    both = gradient(graph, wanted, add)
    batch = batch_of(both.joint)
    if batch is None:
        return Reference(graph, both)
    gradients = [v.spec for v in both.joint.outputs[len(outputs) :]]
    return Compiled(lower_differentiated(both, batch, machine), inputs, outputs, gradients)
