"""The least and the greatest elements, and where they stand, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import A, X, both, same_refusal


def test_aminmax() -> None:
    both(lambda t, a: tuple(t.aminmax(a, dim=1)), A, tolerance=1e-7)


@pytest.mark.parametrize("dim", [0, -1, (0, 2)])
@pytest.mark.parametrize("name", ["amax", "amin"])
def test_extremes_over_dimensions(name: str, dim: Any) -> None:
    both(lambda _, x: getattr(x, name)(dim, keepdim=True), np.round(X))


@pytest.mark.parametrize("dim", [0, -1, (0,), (-1,), ()])
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("name", ["amax", "amin"])
def test_extremes_of_a_number_without_axes(name: str, keepdim: bool, dim: Any) -> None:
    both(lambda _, x: getattr(x, name)(dim, keepdim), np.array(3.0))
    if isinstance(dim, int):
        both(lambda _, x: tuple(x.aminmax(dim=dim, keepdim=keepdim)), np.array(3.0))


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


def test_axes_by_numpys_names() -> None:
    both(lambda _, x: (x.amax(axis=0), x.max(axis=1)), X)


def test_refusals() -> None:
    same_refusal(lambda lib: lib.zeros(0).max())
    same_refusal(lambda lib: lib.zeros(0).argmax())
    same_refusal(lambda lib: lib.zeros(0, 3).max(0))
    same_refusal(lambda lib: lib.zeros(0, 3).argmin(0))
