"""Losses that are operations of their own: gradients against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.errors import ShapeError
from knoll.graph import Spec
from knoll.ops.binary_cross_entropy import binary_cross_entropy, logits_cross_entropy
from knoll.ops.huber import huber
from knoll.ops.nll import nll

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(4, 5), (2, 5, 3), (2, 5, 2, 2)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore", [-100, 2])
def test_likelihood(check_gradient: Any, shape: tuple[int, ...], weighted: bool, ignore: int) -> None:
    labels = RANDOM.integers(0, 5, shape[:1] + shape[2:])
    weights = (RANDOM.random(5),) if weighted else ()
    check_gradient(nll, RANDOM.standard_normal(shape), labels, *weights, wanted=(0,), ignore=ignore)


def test_binary_cross_entropy(check_gradient: Any) -> None:
    chances, truths = RANDOM.uniform(0.1, 0.9, (2, 3, 4))
    check_gradient(binary_cross_entropy, chances, truths, wanted=(0, 1))


def test_binary_cross_entropy_of_scores(check_gradient: Any) -> None:
    check_gradient(logits_cross_entropy, RANDOM.standard_normal((3, 4)), RANDOM.random((3, 4)), wanted=(0, 1))


@pytest.mark.parametrize(("delta", "scale"), [(1.0, 1.0), (0.5, 2.0)])
def test_huber(check_gradient: Any, delta: float, scale: float) -> None:
    check_gradient(huber, RANDOM.standard_normal((3, 4)), wanted=(0,), delta=delta, scale=scale)


def test_shapes_must_be_the_same() -> None:
    with pytest.raises(ShapeError, match=r"came: \(2, 3\), \(2, 1\)"):
        binary_cross_entropy.shape(Spec((2, 3), np.dtype("f")), Spec((2, 1), np.dtype("f")))
