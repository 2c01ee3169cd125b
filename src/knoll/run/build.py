"""Compilation of graphs to programs: machine code for nodes that have kernels, NumPy for the others.

A module apart from program_cache.py, so that the compiler is imported on first use and not with Knoll.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from weakref import WeakValueDictionary

from knoll.graph import Differentiated, Graph, Node
from knoll.machine import Machine
from knoll.ops.differentiate import differentiate
from knoll.ops.shapes.reshape import stop_gradient
from knoll.plan.lower import lower, lower_differentiated
from knoll.plan.padded import is_mostly_padding, only_moves_windows
from knoll.plan.passes import simplify
from knoll.plan.passes.unbatched import adds_batch_axis
from knoll.plan.roles.apart import nodes_apart
from knoll.plan.roles.batch_axis import batch_independent_key, batched_values, has_kernel
from knoll.run.compiled import CompiledProgram
from knoll.run.light import light_program
from knoll.run.nan_guards import nan_guards
from knoll.run.partitioned import partitioned
from knoll.run.program import Program

# Programs that somebody holds, by what they compute
_live_programs: WeakValueDictionary[Hashable, CompiledProgram] = WeakValueDictionary()


def build(graph: Graph, wrt: tuple[int, ...], machine: Machine) -> Program:
    """The program of a graph: compiled as a whole if all nodes have kernels, else partitioned."""
    graph = simplify(graph, bool(wrt))
    program = compile_graph(graph, wrt, machine)
    if program is not None:
        too_large = only_moves_windows(graph) and is_mostly_padding(program.plan)
        return light_program(graph, wrt) if too_large else program
    groups = partitions(graph)
    if len(groups) == 1:
        return light_program(graph, wrt)

    def build_partition(part: Graph, wants: tuple[int, ...]) -> Program:
        if not part.is_worth_compiling:
            return light_program(part, wants)
        if part.cost and _computing(part) < _computing(graph):
            return build(part, wants, machine)
        return compile_graph(part, wants, machine) or light_program(part, wants)  # not worth another cut

    return partitioned(graph, wrt, groups, build_partition)


def _computing(graph: Graph) -> int:
    """How many nodes compute something: a partition stops gradients of results of its own that the whole graph has not.

    A partition with as many as the whole graph would be cut in the same places again, without end.
    """
    return sum(node.op is not stop_gradient for node in graph.nodes)


def compile_graph(graph: Graph, wrt: tuple[int, ...], machine: Machine) -> CompiledProgram | None:
    """The compiled program of a graph; None if a node has no kernel, or no input has samples.

    Graphs that differ only in the batch size share one program.
    """
    both, outputs = differentiate(graph, wrt) if wrt else None, len(graph.outputs)
    guards = nan_guards(graph)
    if guards:
        graph = Graph(graph.inputs, (*graph.outputs, *guards))
        both = _with_more_outputs(both, graph, outputs) if both else None
    joint = both.joint if both else graph
    batch = batched_values(joint)
    if batch is None or batch.isdisjoint(graph.inputs):  # no input would tell how many samples there are
        return None
    key = (batch_independent_key(joint, batch), wrt, machine)
    program = _live_programs.get(key)
    if program is None:
        plan = lower_differentiated(both, batch, machine) if both else lower(graph, batch, machine)
        program = _live_programs[key] = CompiledProgram(joint, plan, outputs, len(guards))
    return program


def _with_more_outputs(both: Differentiated, forward: Graph, outputs: int) -> Differentiated:
    """`both` with the outputs of `forward`, whose outputs from number `outputs` on have no gradient."""
    joint = Graph(both.joint.inputs, (*forward.outputs, *both.joint.outputs[outputs:]))
    return replace(both, forward=forward, joint=joint)


def partitions(graph: Graph) -> list[list[Node]]:
    """Partitions of the nodes, by whether they have a kernel.

    If all nodes are alike, a partition ends after each node that is worth compiling.
    """
    apart = nodes_apart(graph)

    def compiles(node: Node) -> bool:
        return node not in apart and has_kernel(node) and not adds_batch_axis(node)

    groups = [list(group) for _, group in groupby(clustered(graph.nodes, compiles), compiles)]
    if len(groups) > 1:
        return groups
    cuts = [0, *(i + 1 for i, node in enumerate(graph.nodes) if node.is_worth_compiling), len(graph.nodes)]
    return [list(graph.nodes[a:b]) for a, b in pairwise(cuts) if a < b]


def clustered(nodes: Sequence[Node], compiles: Callable[[Node], bool]) -> list[Node]:
    """A topological order with few alternations between nodes that are compiled and others."""
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
