"""A part of what is permuted is a permuted part: the axis is dropped first, and samples stay in front.

`qkv.permute(2, 0, 3, 1, 4)[0]` puts the three of queries, keys and values before the samples, and takes one of them.
"""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.indexing.index import frozen, pick, thawed
from knoll.ops.shapes.reshape import permute


def pick_before_permuting(graph: Graph) -> Graph:
    """The graph with one place of a permuted axis picked before the others are permuted."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if not _picks_in_front(node):
            return None
        before = node.inputs[0].node
        assert before is not None
        ((place,), (axis, *others)) = _entries(node), before.attributes["axes"]
        part = pick(new[before.inputs[0]], key=frozen((*(slice(None),) * axis, place)))
        return (permute(part, axes=tuple(each - (each > axis) for each in others)),)

    return rebuilt(graph, rule) if any(map(_picks_in_front, graph.nodes)) else graph


def _entries(node: Node) -> tuple[object, ...]:
    key = thawed(node.attributes["key"])
    return key if isinstance(key, tuple) else (key,)


def _picks_in_front(node: Node) -> bool:
    """Whether it takes one place of the first axis, which a permutation put before the samples."""
    before = node.inputs[0].node if node.op is pick else None
    if before is None or before.op is not permute or before.attributes["axes"][0] == 0:
        return False
    entries = _entries(node)
    return len(entries) == 1 and type(entries[0]) is int
