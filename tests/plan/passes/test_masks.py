"""Comparisons that choose numbers leave no truth value in a graph."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import check, value
from knoll.graph import Graph, Value, evaluate
from knoll.machine import host
from knoll.ops.elementwise.arithmetic import negative
from knoll.ops.elementwise.choose import choose
from knoll.ops.elementwise.comparisons import bitwise_and, bitwise_not, bitwise_or, equal, greater, is_nan, less
from knoll.ops.shapes.reshape import convert, permute, reshape
from knoll.plan.passes.masks import masks_to_numbers

SHAPE = (4, 3, 5)


def truths(graph: Graph) -> list[str]:
    return [node.op.name for node in graph.nodes if node.specs[0].dtype.kind == "b"]


def inside(x: Value, low: Value, high: Value) -> Value:
    return bitwise_and(greater(x, low), bitwise_not(bitwise_or(less(x, high), is_nan(x))))


def test_connected_comparisons_become_masks() -> None:
    x, low, high = value("float64", *SHAPE), value("float64"), value("float64", 5)
    graph = Graph((x, low, high), (choose(inside(x, low, high), x, low),))
    after = masks_to_numbers(graph)
    assert truths(graph)
    assert not truths(after)
    check(graph, host())


@pytest.mark.parametrize("moved", [False, True])
def test_a_given_truth_value_is_converted_where_it_is_read(moved: bool) -> None:
    x, given = value("float64", *SHAPE), value("bool", *((4, 5, 3) if moved else SHAPE))
    truth = permute(given, axes=(0, 2, 1)) if moved else given
    graph = Graph((x, given), (choose(truth, x, negative(x)), convert(truth, dtype="float64")))
    after = masks_to_numbers(graph)
    assert not truths(after)
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(SHAPE), random.integers(0, 2, given.spec.shape).astype(bool)]
    for mine, truth_ in zip(evaluate(after, arrays), evaluate(graph, arrays), strict=True):
        np.testing.assert_array_equal(mine, truth_)


def test_a_truth_value_that_others_read_stays() -> None:
    x = value("float64", *SHAPE)
    positive = greater(x, negative(x))
    after = masks_to_numbers(Graph((x,), (choose(positive, x, x), positive)))
    assert truths(after) == ["greater"]


def test_comparisons_of_integers_stay() -> None:
    x, numbers = value("float64", 4, 3), value("int64", 4, 3)
    graph = Graph((x, numbers), (choose(equal(numbers, numbers), x, negative(x)),))
    assert truths(masks_to_numbers(graph)) == ["equal"]


def test_a_reshaped_comparison_is_a_reshaped_mask() -> None:
    x = value("float64", *SHAPE)
    truth = reshape(greater(reshape(x, shape=(4, 15)), value("float64")), shape=SHAPE)
    graph = Graph((x, truth.node.inputs[0].node.inputs[1]), (choose(truth, x, negative(x)),))
    assert not truths(masks_to_numbers(graph))
