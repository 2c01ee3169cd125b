"""The largest or the smallest elements along an axis whose places nobody reads lose them.

Places are integers, which no kernel writes; the values alone have one, and their gradient too.
"""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.reduction.along_axis import max_along, min_along
from knoll.ops.reduction.first_extreme import first_max, first_min

ALONE = {max_along: first_max, min_along: first_min}


def drop_unread_places(graph: Graph) -> Graph:
    """The graph without places of extremes that no node and no result reads."""
    read = {value for node in graph.nodes for value in node.inputs} | {*graph.outputs}

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if not _is_unread(node, read):
            return None
        x = new[node.inputs[0]]
        value = ALONE[node.op](x, axis=node.attributes["axis"] % x.spec.rank)
        return value, value  # the second stands for places that nobody reads

    return rebuilt(graph, rule) if any(_is_unread(node, read) for node in graph.nodes) else graph


def _is_unread(node: Node, read: set[Value]) -> bool:
    return node.op in ALONE and node.inputs[0].spec.is_float and node.outputs[1] not in read
