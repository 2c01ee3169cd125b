"""Networks as graphs: every edge runs down, nothing lies on anything else, long edges pass beside the nodes."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.draw import Node, Rect, network
from knoll.draw.layered import columns, layered
from knoll.errors import ArgumentError

GRAPHS = st.integers(1, 9).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] < e[1]), max_size=14),
    )
)


def boxes(n: int, edges: list[tuple[int, int]]) -> list[Rect]:
    """The boxes of a network in the order of its nodes."""
    nodes = [Node(f"layer {i}" * (1 + i % 3), ("(1, 64, 8, 8)",) * (i % 4)) for i in range(n)]
    return [element for element in network(nodes, edges).elements if isinstance(element, Rect)]


@settings(deadline=None)
@given(GRAPHS)
def test_edges_run_down_and_no_boxes_overlap(graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = graph
    found = boxes(n, edges)
    assert len(found) == n
    for a, b in edges:
        assert found[a].y + found[a].height < found[b].y
    for first, second in combinations(found, 2):
        beside = first.x + first.width < second.x or second.x + second.width < first.x
        assert beside or first.y + first.height < second.y or second.y + second.height < first.y


@settings(deadline=None)
@given(GRAPHS)
def test_long_edges_pass_beside_the_nodes(graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = graph
    found = layered(n, edges)
    widths = [50.0] * sum(map(len, found.levels))
    x = columns(found, widths, 10)
    for row in found.levels:
        assert all(x[b] - x[a] >= 60 - 1e-6 for a, b in pairwise(row))
    assert [(chain[0], chain[-1]) for chain in found.chains] == edges
    assert min(x.values()) == pytest.approx(25)


def test_a_chain_is_straight() -> None:
    found = boxes(4, [(0, 1), (1, 2), (2, 3)])
    assert len({round(box.x + box.width / 2, 6) for box in found}) == 1


def test_levels_cross_no_more_than_they_must() -> None:
    found = layered(4, [(0, 3), (1, 2)])
    x = columns(found, [50.0] * 4, 10)
    assert (x[0] < x[1]) == (x[3] < x[2])


@pytest.mark.parametrize("edge", [(1, 0), (0, 0), (0, 2), (-1, 1)])
def test_edges_that_cannot_be_are_told(edge: tuple[int, int]) -> None:
    with pytest.raises(ArgumentError, match="An edge goes from one of 2 nodes to one that stands after it"):
        network([Node("a"), Node("b")], [edge])


def test_a_network_without_nodes_is_empty() -> None:
    assert network([], []).elements == ()
