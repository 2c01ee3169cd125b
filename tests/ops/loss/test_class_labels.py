"""Class numbers: shapes that fit, labels without a score, and what they say of the mistake."""

from __future__ import annotations

import re

import numpy as np
import pytest

from knoll.errors import ArgumentError, DTypeError, LabelError, ShapeError
from knoll.graph import Spec
from knoll.ops.loss.class_labels import at_label, check_labels, labelled_shape, labels_and_weights, per_class


def spec(*shape: int, dtype: str = "float32") -> Spec:
    return Spec(shape, np.dtype(dtype))


def test_losses_have_the_shape_of_the_labels() -> None:
    assert labelled_shape(spec(4, 3), spec(4, dtype="int64")) == (4,)
    assert labelled_shape(spec(4, 3, 5, 6), spec(4, 5, 6, dtype="uint8")) == (4, 5, 6)


@pytest.mark.parametrize(
    ("x", "target", "error", "sentence"),
    [
        (spec(4), spec(4, dtype="int64"), ShapeError, r"got \(4,\) and \(4,\)"),
        (spec(4, 3), spec(5, dtype="int64"), ArgumentError, r"input batch_size \(4\) to match target batch_size \(5\)"),
        (spec(4, 3, 5), spec(4, 6, dtype="int64"), ShapeError, r"got input: \[4, 3, 5\] , target: \[4, 6\]"),
        (spec(4, 3), spec(4), DTypeError, "expected target dtype to be Long or Byte, but got Float"),
    ],
)
def test_other_shapes_are_refused(x: Spec, target: Spec, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        labelled_shape(x, target)


@pytest.mark.parametrize(
    ("labels", "position", "advice"),
    [
        ([1, 2, 3], "position 2", "^labels - 1, if they count from 1; else 4 outputs"),
        ([0, -1, 2], "position 1", "^ignore_index=-1 in the loss"),
        ([[0, 255], [1, 2]], r"\(0, 1\)", "^ignore_index=255 in the loss"),
        ([0, 5, 2], "position 1", "^6 outputs in the last layer"),
    ],
)
def test_a_label_without_a_score_is_told_with_its_place(labels: list[int], position: str, advice: str) -> None:
    with pytest.raises(LabelError, match="is out of bounds") as caught:
        check_labels(np.array(labels), 3)
    assert caught.value.advice is not None
    assert re.search(position, str(caught.value))
    assert re.search(advice, caught.value.advice)


def test_ignored_labels_count_nothing() -> None:
    labels, shares = labels_and_weights(np.array([0, 9, 1]), np.array([2.0, 3.0]), 9, np.zeros(1))
    assert labels.tolist() == [0, 0, 1]
    assert shares.tolist() == [2, 0, 3]
    assert labels_and_weights(np.array([0, 9]), None, 9, np.zeros(1, np.float32))[1].tolist() == [1, 0]


def test_scores_are_taken_at_labels_along_the_second_axis() -> None:
    x = np.arange(12).reshape(2, 3, 2)
    assert at_label(x, np.array([[0, 2], [1, 1]])).tolist() == [[0, 5], [8, 9]]
    assert per_class(np.arange(3), 4).shape == (3, 1, 1)
