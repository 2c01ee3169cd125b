"""Losses that want right classes a margin above the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.errors import StateError
from knoll.ops.loss.multi_margin import (
    labels_in_range,
    multilabel_margin,
    multilabel_margin_dx,
    multilabel_margin_through,
)

RANDOM = np.random.default_rng(0)
LISTS = np.array([[0, 2, -1, 1], [3, 3, 1, -1], [-1, 0, 1, 2], [2, 0, 1, 3]])


def by_hand(x: np.ndarray, target: np.ndarray) -> list[float]:
    """The losses, pair after pair."""
    losses = []
    for scores, labels in zip(x, target, strict=True):
        right = labels[: [*labels, -1].index(-1)]
        wrong = [i for i in range(len(scores)) if i not in right]
        losses.append(sum(max(0, 1 - scores[t] + scores[i]) for t in right for i in wrong) / len(scores))
    return losses


def test_all_pairs_of_right_and_wrong_classes() -> None:
    x = RANDOM.standard_normal((4, 4))
    np.testing.assert_allclose(multilabel_margin.meaning(x, LISTS)[0], by_hand(x, LISTS), rtol=1e-14)


def test_gradients(check_gradient: Any) -> None:
    x, g = RANDOM.standard_normal((2, 4, 4))
    check_gradient(multilabel_margin, x, LISTS, wrt=(0,))
    check_gradient(multilabel_margin_dx, g[:, 0], x, LISTS, wrt=(0,))
    check_gradient(multilabel_margin_through, g, x, LISTS, wrt=(0,))


def test_labels_out_of_range_are_told_with_their_place() -> None:
    with pytest.raises(StateError, match=r"target out of range[\s\S]*from 0 to 3[\s\S]*4 at position 1"):
        labels_in_range.meaning(np.array([0, 4]), classes=4)
    with pytest.raises(StateError, match="target out of range"):
        labels_in_range.meaning(np.array([0, -1]), classes=4)
    with pytest.raises(StateError, match=r"argument #2 'target' is out of range[\s\S]*-2 at position \(0, 1\)"):
        multilabel_margin.meaning(np.zeros((1, 3)), np.array([[0, -2, 1]]))


def test_infinite_scores_of_other_classes_do_not_spoil_a_loss() -> None:
    x = np.array([[np.inf, 0.0, np.inf]])
    assert multilabel_margin.meaning(x, np.array([[0, 2, -1]]))[0].tolist() == [0.0]
