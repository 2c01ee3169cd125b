from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from knoll.errors import ArgumentError, DTypeError, LabelError, ShapeError
from knoll.graph import Spec
from knoll.ops.loss.cross_entropy import cross_entropy, cross_entropy_dx


def test_meaning_is_minus_the_logarithm_of_the_share() -> None:
    x = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    (losses,) = cross_entropy.meaning(x, np.array([2, 0]))
    label_weights = [math.exp(3) / (math.exp(1) + math.exp(2) + math.exp(3)), 1 / 3]
    np.testing.assert_allclose(losses, [-math.log(share) for share in label_weights])


def test_large_scores_do_not_overflow() -> None:
    (losses,) = cross_entropy.meaning(np.array([[1e4, -1e4]], np.float32), np.array([1]))
    assert losses == 2e4
    (dx,) = cross_entropy_dx.meaning(np.ones(1, np.float32), np.array([[1e4, -1e4]], np.float32), np.array([1]))
    assert dx.tolist() == [[1.0, -1.0]]


def test_gradient_by_differences(check_gradient: Any) -> None:
    check_gradient(cross_entropy, np.random.default_rng(0).standard_normal((4, 5)), np.array([0, 4, 2, 2]), wrt=(0,))


@pytest.mark.parametrize("shape", [(4, 5), (2, 5, 3), (2, 5, 2, 2)])
@pytest.mark.parametrize("attributes", [{}, {"ignore": 2}, {"smoothing": 0.3}, {"ignore": 2, "smoothing": 0.3}])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_by_differences_with_all_that_labels_may_count(
    check_gradient: Any, shape: tuple[int, ...], attributes: dict[str, Any], weighted: bool
) -> None:
    random = np.random.default_rng(0)
    weights = (random.random(5),) if weighted else ()
    labels = random.integers(0, 5, shape[:1] + shape[2:])
    labels.flat[0] = 2
    check_gradient(cross_entropy, random.standard_normal(shape), labels, *weights, wrt=(0,), **attributes)


def test_no_samples_have_no_losses() -> None:
    assert cross_entropy.meaning(np.zeros((0, 3)), np.zeros(0, np.int64))[0].shape == (0,)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_without_a_score_is_refused(label: int) -> None:
    with pytest.raises(LabelError) as caught:
        cross_entropy.meaning(np.zeros((2, 3)), np.array([0, label]))
    assert str(caught.value).startswith(f"Target {label} is out of bounds.\n")
    assert "class numbers from 0 to 2" in str(caught.value)
    assert f"{label} at position 1" in str(caught.value)


@pytest.mark.parametrize(
    ("x", "target", "kind", "words"),
    [
        ((4, 3), ((3,), "int64"), ArgumentError, r"Expected input batch_size \(4\) to match target batch_size \(3\)."),
        ((4, 3), ((4,), "float32"), DTypeError, "expected target dtype to be Long or Byte, but got Float"),
        ((4,), ((4,), "int64"), ShapeError, r"Expected scores \(n, classes, …\)"),
    ],
)
def test_what_does_not_fit_is_refused(x: Any, target: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        cross_entropy.shape(Spec(x, np.dtype("f")), Spec(target[0], np.dtype(target[1])))
