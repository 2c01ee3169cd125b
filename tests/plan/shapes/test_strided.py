"""Diagonals and windows of samples are views, which cost a copy only where they are put together."""

from __future__ import annotations

import pytest

from knoll.graph import Graph, Node
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.shapes.strided import ALL, Axes, strided, strided_dx
from knoll.plan.roles.batch_axis import has_kernel
from planned import kernels_of, plan_of, value

SAMPLES = ALL, (1, 0, 0)
DIAGONAL: Axes = SAMPLES, (3, (0, 1, 1))
OVERLAPPING: Axes = SAMPLES, (ALL, (0, 1, 0)), (3, (0, 0, 1)), (2, (0, 0, 1))


def cases() -> list[tuple[Node, bool]]:
    x = value(2, 3, 4)
    return [
        (strided.node(x, start=(0, 0, 0), axes=DIAGONAL), True),
        (strided.node(x, start=(0, 0, 0), axes=OVERLAPPING), True),
        (strided.node(x, start=(0, 0, 0), axes=(SAMPLES, (0, (0, 1, 1)))), False),
        (strided_dx.node(value(2, 3), shape=(2, 3, 4), start=(0, 0, 1), axes=DIAGONAL), True),
        (strided_dx.node(value(2, 3, 3, 2), shape=(2, 3, 4), start=(0, 0, 0), axes=OVERLAPPING), False),
    ]


@pytest.mark.parametrize(("node", "expected"), cases())
def test_what_has_a_kernel(node: Node, expected: bool) -> None:
    assert has_kernel(node) is expected


def test_a_view_is_copied_once() -> None:
    x = value(2, 3, 4)
    seen = strided(x, start=(0, 0, 1), axes=DIAGONAL)
    assert kernels_of(plan_of(Graph((x,), (add(seen, seen),)))) == ["strided_copy", "Pointwise"]


def test_gradients_go_back_in_one_copy_on_zeros() -> None:
    dy = value(2, 3)
    dx = strided_dx(dy, shape=(2, 3, 4), start=(0, 0, 1), axes=DIAGONAL)
    assert kernels_of(plan_of(Graph((dy,), (dx,)))) == ["Fill", "strided_copy"]
