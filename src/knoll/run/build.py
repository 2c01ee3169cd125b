"""Building programs: machine code where there are kernels for it, plain NumPy for the glue between.

It stands apart from choose.py so that the compiler is loaded when it first has work, and not when Knoll is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from weakref import WeakValueDictionary

from knoll.graph import Differentiated, Graph, Node
from knoll.machine import Machine
from knoll.ops.differentiate import differentiate
from knoll.plan.lower import lower, lower_differentiated
from knoll.plan.native import batch_of, has_kernel, sample_key
from knoll.plan.padded import is_mostly_padding
from knoll.plan.passes import simplify
from knoll.plan.passes.unbatched import adds_batch_axis
from knoll.run.compiled import CompiledProgram
from knoll.run.nan_guards import nan_guards
from knoll.run.partitioned import partitioned
from knoll.run.program import Program
from knoll.run.reference import reference_program

_compiled: WeakValueDictionary[Hashable, CompiledProgram] = (
    WeakValueDictionary()
)  # those that live, by what they compute


def build(graph: Graph, wrt: tuple[int, ...], machine: Machine) -> Program:
    """A new program of a graph that is worth compiling: in machine code where it has kernels."""
    if is_mostly_padding(graph, machine):
        return reference_program(graph, wrt)
    graph = simplify(graph, bool(wrt))
    program = compiled(graph, wrt, machine)
    if program is not None:
        return program
    groups = partitions(graph)
    if len(groups) == 1:
        return reference_program(graph, wrt)

    def build_partition(part: Graph, wants: tuple[int, ...]) -> Program:
        return build(part, wants, machine) if part.is_worth_compiling else reference_program(part, wants)

    return partitioned(graph, wrt, groups, build_partition)


def compiled(graph: Graph, wrt: tuple[int, ...], machine: Machine) -> CompiledProgram | None:
    """The graph in machine code; None if a node has no kernel.

    Graphs that differ in the size of the batch alone share one program.
    """
    both, outputs = differentiate(graph, wrt) if wrt else None, len(graph.outputs)
    watched = nan_guards(graph)
    if watched:
        graph = Graph(graph.inputs, (*graph.outputs, *watched))
        both = _beside(both, graph, outputs) if both else None
    joint = both.joint if both else graph
    batch = batch_of(joint)
    if batch is None:
        return None
    key = (sample_key(joint, batch), wrt, machine)
    program = _compiled.get(key)
    if program is None:
        plan = lower_differentiated(both, batch, machine) if both else lower(graph, batch, machine)
        program = _compiled[key] = CompiledProgram(joint, plan, outputs, len(watched))
    return program


def _beside(both: Differentiated, forward: Graph, outputs: int) -> Differentiated:
    """A graph with its gradient, and with more outputs that need none behind the first so many."""
    joint = Graph(both.joint.inputs, (*forward.outputs, *both.joint.outputs[outputs:]))
    return replace(both, forward=forward, joint=joint)


def partitions(graph: Graph) -> list[list[Node]]:
    """Nodes in order, cut between those with a kernel and those without, or else after each node worth compiling."""

    def compiles(node: Node) -> bool:
        return has_kernel(node) and not adds_batch_axis(node)

    groups = [list(group) for _, group in groupby(clustered(graph.nodes, compiles), compiles)]
    if len(groups) > 1:
        return groups
    cuts = [0, *(i + 1 for i, node in enumerate(graph.nodes) if node.is_worth_compiling), len(graph.nodes)]
    return [list(graph.nodes[a:b]) for a, b in pairwise(cuts) if a < b]


def clustered(nodes: Sequence[Node], compiles: Callable[[Node], bool]) -> list[Node]:
    """Nodes in an order that seldom alternates between those that are compiled and the others."""
    order: dict[Node, None] = {}
    left, kind = list(nodes), False
    while left:
        for node in left:
            ready = all(value.node is None or value.node in order for value in node.inputs)
            if ready and compiles(node) is kind:
                order[node] = None
        left = [node for node in left if node not in order]
        kind = not kind
    return list(order)
