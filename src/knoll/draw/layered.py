"""Places for the nodes of a graph: in levels, edges running down, with few crossings.

K. Sugiyama, S. Tagawa and M. Toda, "Methods for visual understanding of hierarchical system structures", 1981: a long
edge has a place of its own in each level that it passes, and a level has the order of its neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

Edge = tuple[int, int]
SWEEPS, ROUNDS, STRAIGHT = 8, 60, 200.0


@dataclass(frozen=True, slots=True)
class Layered:
    """A graph whose edges go from each level to the next; items beyond the nodes are places of long edges."""

    levels: tuple[tuple[int, ...], ...]
    edges: tuple[Edge, ...]
    chains: tuple[tuple[int, ...], ...]


def layered(nodes: int, edges: Sequence[Edge]) -> Layered:
    """Nodes in levels, each below all that feed it; edges go from smaller to larger numbers.

    >>> layered(3, [(0, 1), (1, 2), (0, 2)]).levels
    ((0,), (1, 3), (2,))
    """
    level = [0] * nodes
    for a, b in sorted(edges):
        level[b] = max(level[b], level[a] + 1)
    chains = []
    for a, b in edges:
        places = range(len(level), len(level) + level[b] - level[a] - 1)
        level += range(level[a] + 1, level[b])
        chains.append((a, *places, b))
    short = tuple(pair for chain in chains for pair in pairwise(chain))
    rows = [tuple(item for item, each in enumerate(level) if each == row) for row in range(max(level, default=-1) + 1)]
    return Layered(_ordered(rows, short), short, tuple(chains))


def _ordered(rows: Sequence[tuple[int, ...]], edges: Sequence[Edge]) -> tuple[tuple[int, ...], ...]:
    """Each level in the order of the means of its neighbours, from above and from below in turn."""
    found = [list(row) for row in rows]
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in range(1, len(found)) if down else range(len(found) - 2, -1, -1):
            fixed = {item: place for place, item in enumerate(found[row - 1 if down else row + 1])}
            joined: dict[int, list[int]] = {item: [] for item in found[row]}
            for a, b in edges:
                item, other = (b, a) if down else (a, b)
                if item in joined and other in fixed:
                    joined[item].append(fixed[other])
            means = {item: fmean(places) if places else float(i) for i, (item, places) in enumerate(joined.items())}
            found[row].sort(key=means.__getitem__)
    return tuple(tuple(row) for row in found)


def columns(graph: Layered, widths: Sequence[float], gap: float) -> dict[int, float]:
    """The middle of each item: near the middles of its neighbours, and no two of a level closer than the gap.

    An edge that is the only one at both its ends weighs more, so that chains are straight.
    """
    joined = _weights(graph)
    x: dict[int, float] = {}
    for row in graph.levels:
        x |= _spread_out(row, [0.0] * len(row), widths, gap)
    for turn in range(ROUNDS):
        for row in graph.levels if turn % 2 == 0 else reversed(graph.levels):
            wanted = [
                fmean([x[a] for a in joined[item]], joined[item].values()) if joined[item] else x[item] for item in row
            ]
            x |= _spread_out(row, wanted, widths, gap)
    left = min((x[item] - widths[item] / 2 for item in x), default=0.0)
    return {item: middle - left for item, middle in x.items()}


def _weights(graph: Layered) -> dict[int, dict[int, float]]:
    """The neighbours of each item, and how much it is drawn to each of them."""
    leaving, entering = Counter(a for a, _ in graph.edges), Counter(b for _, b in graph.edges)
    joined: dict[int, dict[int, float]] = {item: {} for row in graph.levels for item in row}
    for a, b in graph.edges:
        joined[a][b] = joined[b][a] = STRAIGHT if leaving[a] == entering[b] == 1 else 1.0
    return joined


def _spread_out(row: Sequence[int], wanted: Sequence[float], widths: Sequence[float], gap: float) -> dict[int, float]:
    """Middles near those that are wanted, in the order of the row, with the gap between them."""
    placed: list[float] = []
    for i, (item, middle) in enumerate(zip(row, wanted, strict=True)):
        least = placed[-1] + (widths[row[i - 1]] + widths[item]) / 2 + gap if placed else middle
        placed.append(max(middle, least))
    back = fmean(a - b for a, b in zip(placed, wanted, strict=True))
    return {item: middle - back for item, middle in zip(row, placed, strict=True)}
