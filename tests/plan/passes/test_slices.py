"""Slices that divide an axis are one split; axes that an index drops or adds are a reshape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Graph, evaluate
from knoll.ops.elementwise.arithmetic import add, exp
from knoll.ops.indexing.index import frozen, pick
from knoll.plan.passes.slices import simplify_slices
from planned import value
from simplified import names

EVERY = slice(None)


def test_slices_that_divide_an_axis() -> None:
    x = value(2, 7, 3)
    parts = [pick(x, key=frozen(key)) for key in [(EVERY, slice(None, 3)), (EVERY, slice(3, None))]]
    graph = Graph((x,), (*map(exp, parts), add(parts[0], parts[0])))
    after = simplify_slices(graph)
    assert sorted(names(after)) == ["add", "exp", "exp", "split"]
    given = np.random.default_rng(0).standard_normal((2, 7, 3)).astype(np.float32)
    for mine, truth in zip(evaluate(after, [given]), evaluate(graph, [given]), strict=True):
        np.testing.assert_array_equal(mine, truth)


@pytest.mark.parametrize("stops", [(3, 6), (3, 8)], ids=["a gap", "an overlap"])
def test_other_slices_stay(stops: tuple[int, int]) -> None:
    x = value(2, 9, 3)
    keys = [(EVERY, slice(None, stops[0])), (EVERY, slice(stops[0] - (stops[1] > 6), stops[1]))]
    graph = Graph((x,), tuple(pick(x, key=frozen(key)) for key in keys))
    assert simplify_slices(graph) is graph


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ((EVERY, 1), ["pick", "reshape"]), ((EVERY, None), ["reshape"]), ((..., None), ["reshape"]), ((0,), ["pick"]),
        ((EVERY, slice(1, 3), -1), ["pick", "reshape"]), ((None,), ["pick"]), ((slice(1, 2), 0), ["pick"]),
        ((EVERY, slice(None, None, 2)), ["pick"]), ((EVERY,), ["pick"]), (..., ["pick"]),
    ],
    ids=str,
)  # fmt: skip
def test_axes_that_are_dropped_and_added(key: Any, expected: list[str]) -> None:
    x = value(2, 4, 3)
    graph = Graph((x,), (pick(x, key=frozen(key)),))
    after, given = simplify_slices(graph), np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    assert names(after) == expected
    np.testing.assert_array_equal(evaluate(after, [given])[0], evaluate(graph, [given])[0])
