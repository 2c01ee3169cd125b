"""One-hot rows of class numbers, alone and in compiled programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError
from knoll.nn import functional as F
from knoll.ops.indexing.one_hot import one_hot


def test_the_meaning() -> None:
    (rows,) = one_hot.meaning(np.array([[2, 0]]), classes=3)
    assert rows.tolist() == [[[0, 0, 1], [1, 0, 0]]]
    assert one_hot.shape(knoll.graph.Spec((1, 2), np.dtype(np.int64)), classes=3)[0].shape == rows.shape


def smoothed(scores: Any, labels: Any) -> Any:
    """Cross-entropy written out."""
    return -(F.log_softmax(scores, 1) * F.one_hot(labels, 3)).sum(1).mean()


def test_labels_are_inputs_of_a_compiled_program() -> None:
    """Of any number of samples, and those of each call."""
    program = knoll.compile(smoothed, knoll.zeros(2, 3), knoll.tensor([0, 1]))
    random = np.random.default_rng(0)
    for n in (1, 2, 5):
        scores, labels = random.standard_normal((n, 3)).astype(np.float32), random.integers(0, 3, n)
        expected = F.cross_entropy(knoll.tensor(scores), knoll.tensor(labels)).item()
        assert program(scores, labels) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ArgumentError, match="Class values must be smaller than num_classes"):
        program(np.zeros((2, 3), np.float32), np.array([0, 3]))


def test_labels_that_change_in_place_are_read_again() -> None:
    class Net(nn.Module):
        def forward(self, labels: knoll.Tensor) -> knoll.Tensor:
            return F.one_hot(labels, 3)

    net, labels = Net(), knoll.tensor([0, 1])
    assert net(labels).tolist() == [[1, 0, 0], [0, 1, 0]]
    labels[0] = 2
    assert net(labels).tolist() == [[0, 0, 1], [0, 1, 0]]
    labels[1] = 3
    with pytest.raises(ArgumentError, match="Class values must be smaller than num_classes"):
        net(labels)
