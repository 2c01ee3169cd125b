"""Gradients of gradients: the slope of the gradients that machine code computes, and PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from backends import flat
from table import CASES, Case
from test_against_pytorch import theirs

import knoll
from knoll.graph import Array

pytestmark = pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
STEP = 1e-6


def weights(tensors: list[Any]) -> list[Array]:
    """Fixed numbers, by which results and gradients are weighed."""
    random = np.random.default_rng(7)
    return [random.standard_normal(tuple(tensor.shape)) for tensor in tensors]


def weighed(library: Any, layer: Any, inputs: list[Any], create_graph: bool) -> tuple[list[Any], Any]:
    """The inputs and parameters that learn, and the weighed sum of their gradients; None where all are constant."""
    wanted = [tensor for tensor in (*inputs, *layer.parameters()) if tensor.requires_grad]
    y = flat(layer(*inputs))[0]
    (dy,) = weights([y])
    first = library.autograd.grad(y, wanted, library.tensor(dy), create_graph=create_graph, allow_unused=True)
    parts = [(dx * library.tensor(v)).sum() for dx, v in zip(first, weights(wanted), strict=True) if dx is not None]
    return wanted, sum(parts)


def second(library: Any, layer: Any, arrays: list[Array]) -> list[Array]:
    """The gradient of the weighed sum of all gradients; zeros where nothing depends on an input."""
    inputs = [library.tensor(array, requires_grad=array.dtype.kind == "f") for array in arrays]
    wanted, total = weighed(library, layer, inputs, create_graph=True)
    if not total.requires_grad:
        return [np.zeros(tuple(tensor.shape)) for tensor in wanted]
    found = library.autograd.grad(total, wanted, allow_unused=True)
    return [
        np.zeros(tuple(x.shape)) if dx is None else (dx + 0).detach().numpy()
        for x, dx in zip(wanted, found, strict=True)
    ]


def modes(case: Case) -> tuple[bool, ...]:
    """Training draws other numbers each time where it is random."""
    return (False,) if case.random else (True, False)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_slope_of_the_gradients(case: Case) -> None:
    """Along one direction through all inputs and parameters, by central differences."""
    for training in modes(case):
        layer, arrays = case.build("float64").train(training), case.arrays("float64")
        inputs = [knoll.tensor(array, requires_grad=array.dtype.kind == "f") for array in arrays]
        wanted, _ = weighed(knoll, layer, inputs, create_graph=False)
        random = np.random.default_rng(5)
        direction = [random.standard_normal(tuple(tensor.shape)) for tensor in wanted]
        sides = []
        for step in (STEP, -2 * STEP, STEP):
            with knoll.no_grad():
                for tensor, along in zip(wanted, direction, strict=True):
                    tensor += knoll.tensor(step * along)
            sides.append(float(weighed(knoll, layer, inputs, create_graph=False)[1]))
        expected = (sides[0] - sides[1]) / (2 * STEP)
        found = second(knoll, layer, [tensor.detach().numpy() for tensor in inputs])
        terms = [float((dx * along).sum()) for dx, along in zip(found, direction, strict=True)]
        assert sum(terms) == pytest.approx(expected, rel=1e-5, abs=1e-6 * max(1.0, *map(abs, terms)))


WITHOUT_THEM = ("Hardsigmoid(", "MultiMarginLoss(", "MultiLabelMarginLoss(")


@pytest.mark.parametrize(
    "case", [case for case in CASES if not any(name in case.layer for name in WITHOUT_THEM)], ids=str
)
def test_against_pytorch(torch: Any, case: Case) -> None:
    """Except where PyTorch has no second derivative."""
    for training in modes(case):
        layer, arrays = case.build("float64").train(training), case.arrays("float64")
        mine = second(knoll, layer, arrays)
        # Of its ways to attention, the one that has a second derivative.
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            truth = second(torch, theirs(torch, case, layer, "float64"), arrays)
        for ours, other in zip(mine, truth, strict=True):
            np.testing.assert_allclose(ours, other, rtol=1e-6, atol=1e-7)
