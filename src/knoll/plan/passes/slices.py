"""Indices in simpler operations: slices that divide an axis are one split, dropped and added axes are a reshape.

The gradient of a split is one concatenation; that of each slice would be an array of zeros as large as the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from knoll.graph import Graph, Node, Shape, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.indexing.index import frozen, pick, thawed
from knoll.ops.shapes.reshape import reshape, split


@dataclass(frozen=True)
class Stretch:
    """A slice of one axis, without gaps."""

    axis: int
    start: int
    stop: int


def simplify_slices(graph: Graph) -> Graph:
    """The graph with splits and reshapes in place of such slices."""
    if not any(node.op is pick for node in graph.nodes):
        return graph
    splits = {node: sizes for node in graph.nodes for node, sizes in _dividing(node, graph).items()}
    made: dict[tuple[Value, int], Node] = {}

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if node.op is not pick:
            return None
        x, stretch = node.inputs[0], _stretch(node)
        if node in splits and stretch is not None:
            parts = made.setdefault((x, stretch.axis), split.node(new[x], axis=stretch.axis, sizes=splits[node]))
            before = [sum(splits[node][:number]) for number in range(len(splits[node]))]
            return (parts.outputs[before.index(stretch.start)],)
        return _with_all_axes(node, new[x])

    after = rebuilt(graph, rule)
    return graph if after.key == graph.key else after


def _dividing(node: Node, graph: Graph) -> dict[Node, Shape]:
    """The slices of the first operand of a slice that divide an axis with it, and the sizes of all parts."""
    stretch = _stretch(node) if node.op is pick else None
    if stretch is None:
        return {}
    readers = [reader for reader in graph.readers[node.inputs[0]] if reader.op is pick]
    found = {reader: part for reader in readers if (part := _stretch(reader)) and part.axis == stretch.axis}
    parts = sorted({(part.start, part.stop) for part in found.values()})
    ends = [0, *(stop for _, stop in parts)]
    whole = ends[-1] == node.inputs[0].spec.shape[stretch.axis]
    if not whole or [start for start, _ in parts] != ends[:-1]:
        return {}
    return {reader: tuple(stop - start for start, stop in parts) for reader in found}


def _stretch(node: Node) -> Stretch | None:
    """The stretch that a slice takes of an axis of each sample, if that is all it does."""
    taken = _taken_places(node)
    if taken is None or any(isinstance(each, int) for each in taken) or len(taken) != node.specs[0].rank:
        return None
    x = node.inputs[0].spec
    cut = [axis for axis, (each, size) in enumerate(zip(taken, x.shape, strict=True)) if each != range(size)]
    if len(cut) != 1 or cut[0] == 0:
        return None
    part = taken[cut[0]]
    return Stretch(cut[0], part.start, part.stop) if isinstance(part, range) and part.step == 1 and part else None


def _with_all_axes(node: Node, x: Value) -> tuple[Value, ...] | None:
    """The slice of all axes, reshaped to the result; None if it is one already, or takes one sample."""
    taken = _taken_places(node)
    samples = x.spec.shape[:1]
    if not taken or taken[0] != range(*samples) or node.specs[0].shape[:1] != samples:
        return None
    if len(taken) == node.specs[0].rank and all(isinstance(each, range) for each in taken):
        return None
    wide = [range(each, each + 1) if isinstance(each, int) else each for each in taken]
    if any(each.step < 1 for each in wide):
        return None
    key = (slice(None), *(slice(each.start, each.stop, each.step) for each in wide[1:]))
    whole = all(each == range(size) for each, size in zip(wide, x.spec.shape, strict=True))
    return (reshape(x if whole else pick(x, key=frozen(key)), shape=node.specs[0].shape),)


def _taken_places(node: Node) -> list[range | int] | None:
    """What an index takes of each axis of its operand: some places, or one and drops the axis."""
    x, key = node.inputs[0].spec, thawed(node.attributes["key"])
    entries: tuple[Any, ...] = key if isinstance(key, tuple) else (key,)
    entries = tuple(each for each in entries if each is not None)
    at = entries.index(Ellipsis) if Ellipsis in entries else len(entries)
    named = [each for each in entries if each is not Ellipsis]
    if any(isinstance(each, bool) for each in named) or len(named) > x.rank:
        return None
    entries = (*named[:at], *(slice(None),) * (x.rank - len(named)), *named[at:])
    return [
        range(size)[each] if isinstance(each, slice) else each % size
        for each, size in zip(entries, x.shape, strict=True)
    ]
