"""Differentiation of graphs by reverse accumulation; the result is a graph of the same operations.

From the outputs backward, the gradient rule of each node turns gradients of its results into gradients of its inputs;
gradients of a value with several readers are added. Source: Griewank and Walther, Evaluating
Derivatives, 2008.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from knoll.errors import UnsupportedError
from knoll.graph.node import Graph, Node, Op, Value
from knoll.messages import say


@dataclass(frozen=True, eq=False)
class Differentiated:
    """A graph joined with its gradient.

    `joint` takes the inputs of `forward` and then the gradient of each of its outputs, and gives the outputs of
    `forward` and then the gradient of each input in `wrt`. Values in `active` are those that a gradient reaches:
    they depend on an input in `wrt`, and an output depends on them.
    """

    forward: Graph
    joint: Graph
    wrt: tuple[int, ...]
    active: frozenset[Value]

    @cached_property
    def backward_nodes(self) -> frozenset[Node]:
        """The nodes that need the gradient of an output."""
        seeds = set(self.joint.inputs[len(self.forward.inputs) :])
        later: set[Node] = set()
        for node in self.joint.nodes:
            if any(value in seeds or value.node in later for value in node.inputs):
                later.add(node)
        return frozenset(later)


# A node and the gradients of its results → the gradient of each operand, or None
Rule = Callable[..., tuple[Value | None, ...]]


def gradient(graph: Graph, wrt: tuple[int, ...], add: Op, through_composition: Rule) -> Differentiated:
    """`graph` joined with the gradients of the inputs numbered in `wrt`, accumulated by the operation `add`.

    `through_composition` differentiates a node whose operation has no rule. Raises UnsupportedError where one has no
    gradient at all.
    """
    seeds = tuple(Value(value.spec) for value in graph.outputs)
    gradients: dict[Value, Value] = {}

    def receive(value: Value, dvalue: Value) -> None:
        gradients[value] = add(gradients[value], dvalue) if value in gradients else dvalue

    for value, seed in zip(graph.outputs, seeds, strict=True):
        if value.spec.is_float:
            receive(value, seed)
    sources = {graph.inputs[i] for i in wrt}
    needed = _leading_to(sources, graph)
    for node in reversed(graph.nodes):
        doutputs = [gradients.get(value) for value in node.outputs]
        if node not in needed or not any(doutputs):
            continue
        if not node.op.is_differentiable:
            raise UnsupportedError(say("graph.no_gradient", op=node.op.name))
        rule = node.op.gradient or through_composition
        for value, dvalue in zip(node.inputs, rule(node, *doutputs), strict=True):
            if dvalue is not None and (value.node in needed or value in sources):
                receive(value, dvalue)
    found = tuple(i for i in wrt if graph.inputs[i] in gradients)
    outputs = (*graph.outputs, *(gradients[graph.inputs[i]] for i in found))
    active = frozenset(value for value in gradients if value in sources or value.node in needed)
    return Differentiated(graph, Graph((*graph.inputs, *seeds), outputs), found, active)


def _leading_to(sources: set[Value], graph: Graph) -> set[Node]:
    """The nodes whose results depend on one of `sources`."""
    later: set[Node] = set()
    for node in graph.nodes:
        if any(value in sources or value.node in later for value in node.inputs):
            later.add(node)
    return later
