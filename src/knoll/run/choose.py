"""Which way a graph is run: machine code where it pays, plain NumPy for the glue between."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from functools import partial
from itertools import groupby, pairwise

from knoll.graph import Graph, Node, gradient
from knoll.machine import Machine, host
from knoll.ops.elementwise import add
from knoll.plan.lower import lower, lower_differentiated
from knoll.plan.native import HEAVY, batch_of, has_kernel, sample_key
from knoll.plan.rewrite import rewritten, without_stops
from knoll.run.chain import chained
from knoll.run.compiled import Compiled
from knoll.run.program import Program
from knoll.run.reference import Reference
from knoll.run.show import announce

PROGRAMS = 1024  # graphs remembered; with very many shapes the oldest are built again

_programs: dict[Hashable, Program] = {}
_compiled: dict[Hashable, Compiled] = {}
_lock = threading.Lock()


def program_for(graph: Graph, wanted: tuple[int, ...]) -> Program:
    """The program of `graph` that can give the gradients of the inputs numbered in `wanted`."""
    key = (graph.key, wanted, host())
    with _lock:
        program = _programs.get(key)
        if program is None:
            if len(_programs) >= PROGRAMS:
                _programs.clear()
                _compiled.clear()
            program = _programs[key] = build(graph, wanted, host())
            announce(program)
        return program


def build(graph: Graph, wanted: tuple[int, ...], machine: Machine) -> Program:
    """A new program: machine code if the graph has work that is worth it and kernels for it."""
    graph = graph if wanted else without_stops(graph)
    if not any(node.op.name in HEAVY for node in graph.nodes):
        return reference(graph, wanted)
    graph = rewritten(graph)
    program = compiled(graph, wanted, machine)
    if program is not None:
        return program
    groups = segments(graph)
    if len(groups) == 1:
        return reference(graph, wanted)
    return chained(graph, wanted, groups, partial(build, machine=machine))


def reference(graph: Graph, wanted: tuple[int, ...]) -> Reference:
    """The graph in NumPy."""
    return Reference(graph, gradient(graph, wanted, add) if wanted else None)


def compiled(graph: Graph, wanted: tuple[int, ...], machine: Machine) -> Compiled | None:
    """The graph in machine code; None if a node has no kernel.

    Graphs that differ in the size of the batch alone share one program.
    """
    both = gradient(graph, wanted, add) if wanted else None
    joint = both.joint if both else graph
    batch = batch_of(joint)
    if batch is None:
        return None
    key = (sample_key(joint, batch), wanted, machine)
    if key not in _compiled:
        plan = lower_differentiated(both, batch, machine) if both else lower(graph, batch, machine)
        _compiled[key] = Compiled(joint, plan, len(graph.outputs))
    return _compiled[key]


def segments(graph: Graph) -> list[list[Node]]:
    """Nodes in order, cut where those with a kernel meet those without; where all have one, after each heavy node."""
    groups = [list(group) for _, group in groupby(graph.nodes, has_kernel)]
    if len(groups) > 1:
        return groups
    cuts = [0, *(i + 1 for i, node in enumerate(graph.nodes) if node.op.name in HEAVY), len(graph.nodes)]
    return [list(graph.nodes[a:b]) for a, b in pairwise(cuts) if a < b]
