"""Negative log likelihood: its gradient against differences, and how much labels count."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.ops.loss.nll import label_sum, nll

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(4, 5), (2, 5, 3), (2, 5, 2, 2)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore", [-100, 2])
def test_likelihood(check_gradient: Any, shape: tuple[int, ...], weighted: bool, ignore: int) -> None:
    labels = RANDOM.integers(0, 5, shape[:1] + shape[2:])
    weights = (RANDOM.random(5),) if weighted else ()
    check_gradient(nll, RANDOM.standard_normal(shape), labels, *weights, wrt=(0,), ignore=ignore)


def test_ignored_labels_neither_lose_nor_count() -> None:
    x, labels, weights = np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([1, 255]), np.array([1.0, 3.0])
    np.testing.assert_allclose(nll.meaning(x, labels, weights, ignore=255)[0], [3 * np.log(2), 0])
    assert label_sum.meaning(labels, weights, dtype="float64", ignore=255)[0] == 3
    assert label_sum.meaning(labels, dtype="float32", ignore=255)[0] == 1
