"""Softmax with Gumbel noise: its distribution, its gradient, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.nn import functional as F


def test_classes_are_drawn_by_their_shares() -> None:
    knoll.manual_seed(0)
    shares, draws = np.array([0.5, 0.3, 0.2]), 20000
    hard = F.gumbel_softmax(np.broadcast_to(np.log(shares), (draws, 3)).copy(), hard=True).numpy()
    np.testing.assert_allclose(hard.sum(1), 1)
    deviation = np.sqrt(shares * (1 - shares) / draws)
    assert (np.abs(hard.mean(0) - shares) < 5 * deviation).all()


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_soft_results_are_shares(dim: int, dtype: str) -> None:
    y = F.gumbel_softmax(np.zeros((3, 4), dtype), tau=0.5, dim=dim).numpy()
    assert y.dtype == dtype
    assert (y >= 0).all()
    np.testing.assert_allclose(y.sum(dim), 1, rtol=1e-2 if dtype == "float16" else 1e-6)


def test_a_small_tau_is_near_to_one_class_and_a_large_one_to_all() -> None:
    knoll.manual_seed(1)
    assert F.gumbel_softmax(np.zeros((50, 3)), tau=1e-3).numpy().max(1).min() > 0.6
    assert F.gumbel_softmax(np.zeros((50, 3)), tau=1e3).numpy().max() < 0.4


def test_the_gradient_of_hard_results_is_that_of_soft_ones() -> None:
    logits, seed = np.random.default_rng(0).standard_normal((2, 4, 3))
    slopes = []
    for hard in (False, True):
        knoll.manual_seed(3)
        x = knoll.tensor(logits, requires_grad=True)
        F.gumbel_softmax(x, 0.7, hard).backward(knoll.tensor(seed))
        slopes.append(x.grad.numpy())
    assert np.abs(slopes[0]).max() > 0
    np.testing.assert_allclose(slopes[1], slopes[0], rtol=1e-12)


def test_a_seed_draws_the_same_again() -> None:
    found = []
    for _ in range(2):
        knoll.manual_seed(5)
        found.append(F.gumbel_softmax(np.zeros(9)).numpy())
    np.testing.assert_array_equal(*found)
    assert not np.array_equal(found[0], F.gumbel_softmax(np.zeros(9)).numpy())


def test_a_number_alone(torch: Any) -> None:
    for hard in (False, True):
        theirs = torch.nn.functional.gumbel_softmax(torch.tensor(2.0), hard=hard)
        np.testing.assert_array_equal(F.gumbel_softmax(knoll.tensor(2.0), hard=hard).numpy(), theirs.numpy())


def test_eps_is_warned_of(torch: Any) -> None:
    with pytest.warns(UserWarning, match="eps") as theirs:
        torch.nn.functional.gumbel_softmax(torch.zeros(2), eps=1e-5)
    with pytest.warns(UserWarning, match="eps") as ours:
        F.gumbel_softmax(np.zeros(2), eps=1e-5)
    assert str(ours[0].message) == str(theirs[0].message)
    assert ours[0].filename == __file__


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.F.gumbel_softmax(k.x(2, 3), dim=2),
        lambda k: k.F.gumbel_softmax(k.x(2, 3, dtype="int64")),
        lambda k: k.F.gumbel_softmax(k.x(2, 3, dtype="bool")),
        lambda k: k.F.gumbel_softmax(k.x(2, 0), hard=True),
        lambda k: k.F.gumbel_softmax([1]),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)
