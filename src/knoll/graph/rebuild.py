"""A graph is frozen, so a change is a new graph: its nodes copied one by one, some of them replaced on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from knoll.graph.node import Graph, Node, Value

# What stands in the place of a node's results, given what earlier values have become; None copies the node.
Rule = Callable[[Node, dict[Value, Value]], tuple[Value, ...] | None]


def rebuilt(graph: Graph, rule: Rule) -> Graph:
    """The graph with the nodes replaced for which `rule` has something else; the inputs stay the same values."""
    new = {value: value for value in graph.inputs}
    copy_nodes(graph.nodes, new, rule)
    return Graph(graph.inputs, tuple(new[value] for value in graph.outputs))


def copy_nodes(nodes: Iterable[Node], new: dict[Value, Value], rule: Rule = lambda _node, _new: None) -> None:
    """Copy nodes in order; `new` tells what their inputs have become, and learns what their results become."""
    for node in nodes:
        results = rule(node, new)
        if results is None:
            results = node.op.node(*(new[value] for value in node.inputs), **node.attributes).outputs
        new.update(zip(node.outputs, results, strict=True))
