"""A part of what is permuted is a permuted part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Graph, evaluate
from knoll.ops.indexing.index import frozen, pick
from knoll.ops.shapes.reshape import permute
from knoll.plan.passes.permuted_parts import pick_before_permuting
from planned import value


@pytest.mark.parametrize("axes", [(2, 0, 3, 1, 4), (1, 0, 2, 3, 4), (4, 3, 2, 1, 0)])
@pytest.mark.parametrize("place", [0, 1, -1])
def test_queries_keys_and_values(axes: tuple[int, ...], place: int) -> None:
    x = value(2, 3, 4, 5, 6, dtype="float64")
    graph = Graph((x,), (pick(permute(x, axes=axes), key=frozen(place)),))
    after = pick_before_permuting(graph)
    assert [node.op.name for node in after.nodes] == ["pick", "permute"]
    numbers = [np.random.default_rng(0).standard_normal(x.spec.shape)]
    np.testing.assert_array_equal(evaluate(after, numbers)[0], evaluate(graph, numbers)[0])


@pytest.mark.parametrize(("axes", "key"), [((0, 2, 1), 1), ((1, 0, 2), slice(0, 1)), ((1, 0, 2), (0, 1))])
def test_other_parts_stay(axes: tuple[int, ...], key: Any) -> None:
    x = value(2, 3, 4)
    graph = Graph((x,), (pick(permute(x, axes=axes), key=frozen(key)),))
    assert pick_before_permuting(graph) is graph
