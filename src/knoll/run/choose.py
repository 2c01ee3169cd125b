"""Which way a graph is run: machine code where it pays, plain NumPy for the glue between."""

from __future__ import annotations

import threading
from collections.abc import Hashable

from knoll.graph import Graph
from knoll.plan.passes.stop_gradient import drop_stop_gradient
from knoll.run.program import Program
from knoll.run.reference import reference

PROGRAMS = 1024  # graphs remembered; with very many shapes they are forgotten and built again

_programs: dict[Hashable, Program] = {}
_lock = threading.Lock()


def program_for(graph: Graph, wanted: tuple[int, ...]) -> Program:
    """The program of `graph` that can give the gradients of the inputs numbered in `wanted`."""
    key = (graph.key, wanted)
    with _lock:
        program = _programs.get(key)
        if program is None:
            if len(_programs) >= PROGRAMS:
                _programs.clear()
            program = _programs[key] = _new(graph, wanted)
        return program


def _new(graph: Graph, wanted: tuple[int, ...]) -> Program:
    """The compiler is loaded when it first has work: `import knoll` and glue in NumPy need none of it."""
    if not any(node.is_heavy for node in graph.nodes):
        return reference(graph if wanted else drop_stop_gradient(graph), wanted)
    from knoll.machine import host
    from knoll.run.build import build
    from knoll.run.show import announce

    program = build(graph, wanted, host())
    announce(graph, wanted, program)
    return program
