from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.train.balance import median_frequency
from knoll.train.confusion import Confusion

Pairs = list[tuple[int, int]]


def shares(pairs: Pairs, classes: int) -> list[float]:
    """Intersection over union of each class, in a plain loop; NaN where it occurs on neither side."""
    found = []
    for k in range(classes):
        both = sum(1 for truth, guess in pairs if truth == k and guess == k)
        either = sum(1 for truth, guess in pairs if truth == k or guess == k)
        found.append(both / either if either else float("nan"))
    return found


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 2, 3, 255]), st.integers(0, 3)), max_size=40),
    st.sampled_from([None, 0, 2, 255]),
)
def test_it_counts_as_a_plain_loop_does(pairs: Pairs, ignore: int | None) -> None:
    confusion = Confusion(4)
    for part in (pairs[:7], pairs[7:]):
        truth, guess = (np.array([pair[side] for pair in part], np.int64) for side in (0, 1))
        confusion.add(guess, truth, ignore)
    kept = [(truth, guess) for truth, guess in pairs if truth < 4 and truth != ignore]
    expected = shares(kept, 4)
    np.testing.assert_allclose(confusion.iou, expected)
    assert confusion.labelled == len(kept)
    assert confusion.correct == sum(truth == guess for truth, guess in kept)
    if kept:
        assert confusion.mean_iou == pytest.approx(np.nanmean(expected))
        assert confusion.accuracy == confusion.correct / len(kept)
    else:
        assert np.isnan([confusion.mean_iou, confusion.accuracy]).all()


def test_images_and_small_integers_count_too() -> None:
    confusion = Confusion(200)
    confusion.add(np.full((2, 3, 4), 150), np.full((2, 3, 4), 199, np.uint8))
    assert confusion.counts[199, 150] == 24


def test_a_class_counts_by_the_median_of_all_frequencies_over_its_own() -> None:
    masks = np.zeros((3, 2, 5), np.uint8)
    masks[0, 0, 0] = 1  # one of its 9 labelled pixels
    masks[0, 0, 1] = 255
    masks[1] = 2
    frequencies = {0: 18 / 19, 1: 1 / 9, 2: 1.0}
    middle = 18 / 19
    expected = [middle / frequencies[k] for k in range(3)]
    np.testing.assert_allclose(median_frequency(masks, 4, ignore=255), [*expected, 1], rtol=1e-6)
