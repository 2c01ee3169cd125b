"""Sums, means, extremes and orders against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from side_by_side import both, same_refusal

import knoll

RNG = np.random.default_rng(6)
X = RNG.standard_normal((2, 3, 4))
DIMS: list[Any] = [None, 0, -1, (0, 2), (-1, 1)]


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std"])
def test_over_dimensions(name: str, dim: Any, keepdim: bool) -> None:
    both(lambda _, x: getattr(x, name)(dim=dim, keepdim=keepdim), X)


@pytest.mark.parametrize("dim", [0, -1, (0, 2)])
@pytest.mark.parametrize("name", ["amax", "amin"])
def test_extremes_over_dimensions(name: str, dim: Any) -> None:
    both(lambda _, x: getattr(x, name)(dim, keepdim=True), np.round(X))


@pytest.mark.parametrize("name", ["sum", "max", "min", "any", "all", "argmax", "argmin"])
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float32"])
def test_element_types(name: str, dtype: str) -> None:
    both(lambda _, x: getattr(x, name)(), np.array([[3, 1], [0, 3]], dtype))


@pytest.mark.parametrize("name", ["sum", "any", "all"])
def test_truth(name: str) -> None:
    both(lambda _, x: (getattr(x, name)(), getattr(x, name)(0)), np.array([[True, False], [True, True]]))


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_along(name: str, dim: int, keepdim: bool) -> None:
    both(lambda _, x: getattr(x, name)(dim, keepdim), X)
    both(lambda lib, x: getattr(lib, f"arg{name}")(x, dim, keepdim), X)


def test_named_results() -> None:
    values, indices = knoll.tensor([[1, 5], [4, 2]]).max(1)
    assert values.tolist() == [5, 4]
    assert knoll.tensor([[1, 5], [4, 2]]).max(dim=1).indices.tolist() == indices.tolist() == [1, 0]


def test_extremes_of_everything_share_the_gradient() -> None:
    both(lambda _, x: (x.max(), x.min()), np.array([[1.0, 3.0], [3.0, 1.0]]))


def test_no_number_is_the_extreme() -> None:
    x = np.array([[1.0, np.nan, 3.0], [np.nan, 0.0, np.nan]])
    both(lambda _, x: (x.detach().max(1), x.detach().argmin(1), x.detach().max()), x)


def test_without_dimensions() -> None:
    both(lambda _, x: (x.sum(), x.sum(0), x.mean(-1), x.max(), x.max(0), x.argmax(), x.argmax(0)), np.array(2.5))


def test_of_nothing() -> None:
    both(lambda _, x: (x.sum(), x.sum(0), x.sum(1), x.mean(1)), np.zeros((0, 3)))


@pytest.mark.parametrize("p", [1, 2, 3, float("inf")])
def test_norm(p: float) -> None:
    both(lambda _, x: (x.norm(p), x.norm(p, dim=1)), X)


def test_orders() -> None:
    x = RNG.permutation(24).reshape(4, 6).astype(float)
    both(lambda _, x: (x.sort(), x.sort(0, descending=True), x.argsort(1)), x)
    both(lambda _, x: (x.topk(2), x.topk(3, 0), x.topk(2, largest=False)), x)
    both(lambda _, x, i: x.gather(1, i), x, RNG.integers(0, 6, (4, 3)))


def test_given_element_type() -> None:
    both(lambda lib, x: (x.sum(dtype=lib.float64), x.mean(dtype=lib.float32)), np.array([1, 2, 4]))


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2, 3).sum(2))
    same_refusal(lambda lib: lib.ones(2, 3).sum((0, 0)))
    same_refusal(lambda lib: lib.tensor([1, 2]).mean())
    same_refusal(lambda lib: lib.zeros(0).max())
    same_refusal(lambda lib: lib.zeros(0).argmax())
    same_refusal(lambda lib: lib.zeros(0, 3).max(0))
    same_refusal(lambda lib: lib.zeros(0, 3).argmin(0))
    same_refusal(lambda lib: lib.ones(3).topk(4))
