"""Unpooling as steps: by codes of a pooling in the same graph, or by indices."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.plan.pooling.max_unpool import fits, has_codes_for
from planned import POOL, kernels_of, plan_of, value


@pytest.mark.parametrize(
    ("size", "kernels"),
    [((6, 6), ("ScatterByCodes", "GatherByCodes")), ((6, 8), ("Scatter", "Gather"))],
)
def test_codes_serve_for_the_image_that_was_pooled(size: tuple[int, int], kernels: tuple[str, str]) -> None:
    x = value(2, 3, 6, 6)
    pooled, index = max_pool2d.node(x, **POOL).outputs
    graph = Graph((x,), (max_unpool2d(pooled, index, size=size),))
    assert has_codes_for(index, graph.outputs[0]) == (size == (6, 6))
    assert set(kernels) <= set(kernels_of(plan_of(graph, 0)))


def test_indices_that_are_given_are_read_as_they_are() -> None:
    x, index = value(2, 3, 2, 2), value(2, 3, 2, 2, dtype="int64")
    graph = Graph((x, index), (max_unpool2d(x, index, size=(4, 4)),))
    assert kernels_of(plan_of(graph)) == ["Scatter"]
    assert kernels_of(plan_of(graph, 0)) == ["Scatter", "Gather"]


def test_a_smaller_image_than_was_pooled_has_no_kernel() -> None:
    x = value(2, 3, 6, 6)
    pooled, index = max_pool2d.node(x, **POOL).outputs
    assert fits(max_unpool2d.node(pooled, index, size=(6, 6)))
    assert fits(max_unpool2d.node(pooled, index, size=(4, 9)))
    assert not fits(max_unpool2d.node(pooled, index, size=(5, 7)))
