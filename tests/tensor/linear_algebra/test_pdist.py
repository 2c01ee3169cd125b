"""The distances of all rows of a matrix, against PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import StateError, UnsupportedError

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, float("inf")])
@pytest.mark.parametrize("shape", [(5, 3), (2, 1), (1, 3), (4, 0)])
def test_results_and_gradients(torch: Any, shape: tuple[int, int], p: float) -> None:
    x = RANDOM.standard_normal(shape)
    x[3:] = x[:1] if len(x) > 3 else 0  # equal rows
    mine, theirs = knoll.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    ours, expected = knoll.nn.functional.pdist(mine, p), torch.nn.functional.pdist(theirs, p)
    np.testing.assert_allclose(ours.detach().numpy(), expected.detach().numpy(), rtol=1e-12, strict=True)
    seed = RANDOM.standard_normal(expected.shape)
    ours.backward(knoll.tensor(seed))
    expected.backward(torch.tensor(seed))
    np.testing.assert_allclose(mine.grad.numpy(), theirs.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_no_rows() -> None:
    x = knoll.zeros(0, 3, requires_grad=True)
    found = knoll.pdist(x)
    found.sum().backward()
    assert (found.shape, x.grad.shape) == ((0,), (0, 3))


def test_the_order_of_pairs() -> None:
    found = knoll.pdist(knoll.tensor([[0.0], [1.0], [3.0], [7.0]]))
    assert found.tolist() == [1.0, 3.0, 7.0, 2.0, 6.0, 4.0]


@pytest.mark.parametrize(
    ("shape", "dtype", "p", "reason"),
    [
        ((4,), "float32", 2, "pdist only supports 2D tensors, got: 1D"),
        ((1, 4, 3), "float32", 2, "pdist only supports 2D tensors, got: 3D"),
        ((4, 3), "int64", 2, "pdist only supports floating-point dtypes"),
        ((4, 3), "float16", 2, "\"pdist\" not implemented for 'Half'"),
        ((4, 3), "float32", -1, "pdist only supports non-negative p values"),
        ((4, 3), "float32", float("nan"), "pdist only supports non-negative p values"),
    ],
)
def test_errors(torch: Any, shape: tuple[int, ...], dtype: str, p: float, reason: str) -> None:
    with pytest.raises((StateError, UnsupportedError)) as ours:
        knoll.pdist(knoll.ones(*shape).to(getattr(knoll, dtype)), p)
    with pytest.raises(RuntimeError) as theirs:
        torch.pdist(torch.ones(shape, dtype=getattr(torch, dtype)), p)
    assert ours.value.reason == reason == str(theirs.value).split("\n")[0]
