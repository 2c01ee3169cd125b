"""A network as a graph from top to bottom: what feeds what, with the words of each node in its box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knoll.draw.elements import Element, Path, Rect, Style, Text, arrow
from knoll.draw.layered import Edge, Layered, columns, layered
from knoll.draw.palette import Role, line_of, tint_of
from knoll.draw.scene import Scene
from knoll.draw.text import BODY, LABEL, Words, width
from knoll.errors import ArgumentError
from knoll.messages import say

LINE, INSIDE, GAP, BETWEEN = 17.0, 10.0, 24.0, 28.0
THIN = 8.0  # the width of an edge that passes a level


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its name, and lines below it, as its parameters and the shape of its output."""

    name: Words
    lines: tuple[Words, ...] = ()
    role: Role = "plain"

    @property
    def width(self) -> float:
        """The width of its box."""
        return max(width(self.name, BODY), *(width(line, LABEL) for line in self.lines), 40.0) + 2 * INSIDE

    @property
    def height(self) -> float:
        """The height of its box."""
        return LINE * (1 + len(self.lines)) + INSIDE


def network(nodes: Sequence[Node], edges: Sequence[Edge], *, title: Words = "") -> Scene:
    """Graph of a network; each edge goes from a node to one that stands after it in the list.

    Raises ArgumentError where an edge goes back, or to nothing.

    >>> from knoll.draw import Node, network
    >>> conv, pool = Node("conv", ("(6, 30, 30)",)), Node("pool", ("(6, 15, 15)",))
    >>> network([conv, pool], [(0, 1)]).height
    119.0
    """
    for edge in edges:
        if not 0 <= edge[0] < edge[1] < len(nodes):
            raise ArgumentError(say("draw.no_edge", count=len(nodes)), got=str(tuple(edge)))
    graph = layered(len(nodes), edges)
    thin = [THIN] * (sum(map(len, graph.levels)) - len(nodes))
    widths = [*(node.width for node in nodes), *thin]
    x, (tops, bottoms) = columns(graph, widths, GAP), _rows(graph, nodes)
    elements: list[Element] = [part for chain in graph.chains for part in _edge(chain, x, tops, bottoms)]
    elements += [part for number, node in enumerate(nodes) for part in _box(node, x[number], tops[number])]
    right = max((x[item] + widths[item] / 2 for item in x), default=0.0)
    scene = Scene(right + 2, max(bottoms.values(), default=0.0) + 2, tuple(elements))
    return scene.titled(title) if title else scene


def _rows(graph: Layered, nodes: Sequence[Node]) -> tuple[dict[int, float], dict[int, float]]:
    """The upper and the lower edge of each item; an edge that passes a level has its height."""
    tops: dict[int, float] = {}
    bottoms: dict[int, float] = {}
    y = 1.0
    for row in graph.levels:
        height = max(nodes[item].height for item in row if item < len(nodes))
        for item in row:
            own = nodes[item].height if item < len(nodes) else height
            tops[item], bottoms[item] = y, y + own
        y += height + BETWEEN
    return tops, bottoms


def _edge(
    chain: Sequence[int], x: Mapping[int, float], tops: Mapping[int, float], bottoms: Mapping[int, float]
) -> Iterator[Element]:
    """A line from node to node through its places, with a head at its end."""
    first, *passed, last = chain
    points = [(x[first], bottoms[first]), *((x[item], y[item]) for item in passed for y in (tops, bottoms))]
    if passed:
        yield Path(tuple(points), Style(stroke="muted", width=1.5))
    yield arrow(*points[-1], x[last], tops[last] - 1)


def _box(node: Node, x: float, y: float) -> Iterator[Element]:
    """The box of a node with its words."""
    style = Style("shade" if node.role == "plain" else tint_of(node.role), line_of(node.role))
    yield Rect(x - node.width / 2, y, node.width, node.height, style, radius=4)
    yield Text(x, y + INSIDE / 2 + LINE / 2, node.name)
    for row, line in enumerate(node.lines, start=1):
        yield Text(x, y + INSIDE / 2 + LINE * (row + 0.5), line, LABEL, "muted")
