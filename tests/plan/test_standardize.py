"""Standardisation as steps: one kernel forward, one for the input gradient, one for those of scale and shift."""

from __future__ import annotations

import pytest

from against_meaning import check, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.elementwise import exp
from knoll.ops.standardize import standardize
from planned import kernels_of, plan_of


@machines
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("affine", [0, 1, 2])
@pytest.mark.parametrize(("shape", "rows"), [((5, 4, 6), 4), ((9, 4, 6), 1), ((40, 7), 1)])
def test_forward_and_backward(shape: tuple[int, ...], rows: int, affine: int, centred: bool, machine: Machine) -> None:
    """Several groups of samples, each with its own sums of the gradients of scale and shift."""
    size = 24 // rows if len(shape) > 2 else 7
    x, epsilon, learned = value("float64", *shape), value("float64"), [value("float64", size) for _ in range(affine)]
    y = standardize(exp(x), exp(epsilon), *learned, rows=rows, centred=centred, run=1, to=shape[1:])
    check(Graph((x, epsilon, *learned), (y,)), machine, wrt=(0, *range(2, 2 + affine)))


def test_steps() -> None:
    x, epsilon, scale = value("float32", 2, 3, 8), value("float32"), value("float32", 8)
    graph = Graph((x, epsilon, scale), (standardize(x, epsilon, scale, rows=3, centred=True, run=1, to=(3, 8)),))
    assert kernels_of(plan_of(graph)) == ["Standardize"]
