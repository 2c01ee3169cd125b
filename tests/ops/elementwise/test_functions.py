"""Derivatives of functions in closed form against differences, where PyTorch is not needed."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from knoll.graph import Op
from knoll.ops.elementwise import functions

RANGES = {
    "log1p": (-0.9, 3), "log2": (0.1, 9), "log10": (0.1, 9), "expm1": (-2, 2), "exp2": (-3, 3), "tan": (-1.4, 1.4),
    "asin": (-0.95, 0.95), "acos": (-0.95, 0.95), "atan": (-30, 30), "sinh": (-3, 3), "cosh": (-3, 3),
    "asinh": (-9, 9), "acosh": (1.05, 9), "atanh": (-0.95, 0.95), "erf": (-3, 3), "erfc": (-3, 3), "logit": (0.1, 0.9),
    "erfinv": (-0.95, 0.95),
}  # fmt: skip


def test_every_function_has_a_range() -> None:
    assert {name for name, kind in functions.__annotations__.items() if kind == "Op"} == set(RANGES)


@pytest.mark.parametrize("name", RANGES)
def test_gradients_are_slopes(name: str) -> None:
    op: Op = getattr(functions, name)
    x = np.linspace(*RANGES[name], 41)
    slope = (op.meaning(x + 1e-6)[0] - op.meaning(x - 1e-6)[0]) / 2e-6
    tensor = knoll.tensor(x, requires_grad=True)
    getattr(knoll, name)(tensor).sum().backward()
    assert tensor.grad is not None
    np.testing.assert_allclose(tensor.grad.numpy(), slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", RANGES)
def test_gradients_have_gradients(name: str) -> None:
    x = np.linspace(*RANGES[name], 41)

    def slopes(numbers: np.ndarray) -> tuple[knoll.Tensor, knoll.Tensor]:
        tensor = knoll.tensor(numbers, requires_grad=True)
        return tensor, knoll.autograd.grad(getattr(knoll, name)(tensor).sum(), tensor, create_graph=True)[0]

    tensor, dx = slopes(x)
    second = knoll.autograd.grad(dx.sum(), tensor)[0].numpy()
    expected = (slopes(x + 1e-6)[1] - slopes(x - 1e-6)[1]).detach().numpy() / 2e-6
    np.testing.assert_allclose(second, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", RANGES)
def test_single_precision_stays_single(name: str) -> None:
    (y,) = getattr(functions, name).meaning(np.full(3, 0.5 if name != "acosh" else 1.5, np.float32))
    assert y.dtype == np.float32
