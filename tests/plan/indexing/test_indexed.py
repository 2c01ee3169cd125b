"""Which elements at indices have kernels, and where what samples share is taken."""

from __future__ import annotations

import pytest

from knoll.graph import Graph, Node
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.indexing.embedding import embedding, embedding_dw
from knoll.ops.indexing.index import take
from knoll.ops.reduction.along_axis import gather
from knoll.plan.roles.batch_axis import has_kernel
from planned import kernels_of, plan_of, value


def cases() -> list[tuple[Node, bool]]:
    x, table, index = value(3, 5, 4), value(5, 4), value(3, dtype="int64")
    return [
        (take.node(x, index, axes=(1,)), True),
        (take.node(x, index, axes=(0,)), True),
        (take.node(x, index, index, axes=(1, 2)), False),
        (take.node(x, add(index, index), axes=(1,)), False),
        (gather.node(x, value(3, 2, 4, dtype="int64"), axis=1), True),
        (gather.node(x, value(3, 2, 3, dtype="int64"), axis=1), False),
        (gather.node(x, value(2, 5, 4, dtype="int64"), axis=0), False),
        (embedding.node(table, index, padding=None, by_frequency=True), True),
        (embedding.node(table, value(dtype="int64"), padding=None, by_frequency=False), False),
        (embedding_dw.node(value(3, 4), index, rows=5, padding=None, by_frequency=True), False),
    ]


@pytest.mark.parametrize(("node", "expected"), cases())
def test_what_has_a_kernel(node: Node, expected: bool) -> None:
    assert has_kernel(node) is expected


def test_what_samples_share_is_taken_before_all_calls() -> None:
    x, table, index = value(2, 3), value(5), value(3, dtype="int64")
    plan = plan_of(Graph((x, table, index), (add(x, take(table, index, axes=(0,))),)))
    assert kernels_of(plan) == ["Gather", "Pointwise"]
    assert next(step.kernel.title for step in plan.prepare.steps).startswith("gather")
