"""Rewriting of graphs, which are frozen: a copy in which a rule replaces some nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from knoll.graph.node import Graph, Node, Value

# The values that replace a node's results, given the replacements of earlier values; None copies the node.
Rule = Callable[[Node, dict[Value, Value]], tuple[Value, ...] | None]


def rebuilt(graph: Graph, rule: Rule) -> Graph:
    """The graph with nodes replaced by `rule`; its inputs stay the same values."""
    new = {value: value for value in graph.inputs}
    copy_nodes(graph.nodes, new, rule)
    return Graph(graph.inputs, tuple(new[value] for value in graph.outputs))


def copy_nodes(nodes: Iterable[Node], new: dict[Value, Value], rule: Rule = lambda _node, _new: None) -> None:
    """Copy nodes in order; `new` maps old values to new ones and is extended by the results."""
    for node in nodes:
        results = rule(node, new)
        if results is None:
            results = node.op.node(*(new[value] for value in node.inputs), **node.attributes).outputs
        new.update(zip(node.outputs, results, strict=True))
