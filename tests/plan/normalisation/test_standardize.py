"""Standardisation as steps: one kernel forward, one for the input gradient, one for those of scale and shift."""

from __future__ import annotations

import pytest

from against_meaning import check, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.normalisation.standardize import standardize
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


@machines
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("wrt", [(0,), (2,), (3,), (2, 3), (0, 3), (0, 2, 3)])
@pytest.mark.parametrize(("rows", "run"), [(3, 5), (1, 5), (6, 5), (3, 1), (1, 1)])
def test_by_channel(rows: int, run: int, wrt: tuple[int, ...], centred: bool, machine: Machine) -> None:
    """Whatever gradients are wanted, over several groups of samples."""
    x, epsilon, learned = value("float64", 21, 6, run), value("float64"), [value("float64", 6) for _ in range(2)]
    y = standardize(exp(x), exp(epsilon), *learned, rows=rows, centred=centred, run=run, to=(6, run))
    check(Graph((x, epsilon, *learned), (y,)), machine, wrt=wrt)


def _backward(rows: int, run: int, count: int, wrt: tuple[int, ...]) -> list[str]:
    x, epsilon, *affine = value("float32", 2, 6, 8), value("float32"), *(value("float32", count) for _ in range(2))
    y = standardize(x, epsilon, *affine, rows=rows, centred=True, run=run, to=(6, 8))
    graph = Graph((x, epsilon, *affine), (y,))
    assert kernels_of(plan_of(graph)) == ["Standardize"]
    return [name for name in kernels_of(plan_of(graph, *wrt)) if name.startswith("Standardize")][1:]


def test_steps() -> None:
    assert _backward(6, 1, 8, (0, 2, 3)) == ["StandardizeGradient", "StandardizeSums"]
    assert _backward(1, 1, 48, (0, 2, 3)) == ["StandardizeGradient", "StandardizeSums"]


@pytest.mark.parametrize("wrt", [(0,), (3,), (0, 2, 3)])
def test_one_kernel_makes_all_gradients_by_channel(wrt: tuple[int, ...]) -> None:
    for rows in (1, 2, 6):
        assert _backward(rows, 8, 6, wrt) == ["StandardizeChannels"]
