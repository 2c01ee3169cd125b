"""Binary cross entropy of chances and of scores: gradients against differences, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.errors import ShapeError
from knoll.graph import Spec
from knoll.ops.loss.binary_cross_entropy import binary_cross_entropy, logits_cross_entropy

RANDOM = np.random.default_rng(0)


def test_binary_cross_entropy(check_gradient: Any) -> None:
    chances, truths = RANDOM.uniform(0.1, 0.9, (2, 3, 4))
    check_gradient(binary_cross_entropy, chances, truths, wrt=(0, 1))


def test_binary_cross_entropy_of_scores(check_gradient: Any) -> None:
    check_gradient(logits_cross_entropy, RANDOM.standard_normal((3, 4)), RANDOM.random((3, 4)), wrt=(0, 1))


def test_shapes_must_be_the_same() -> None:
    with pytest.raises(ShapeError, match=r"got: \(2, 3\), \(2, 1\)"):
        binary_cross_entropy.shape(Spec((2, 3), np.dtype("f")), Spec((2, 1), np.dtype("f")))
