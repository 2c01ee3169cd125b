"""Places of elements that are not zero, and places as coordinates, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import A, Case, Refused, comparisons, refusals

COMPARED: dict[str, Case] = {
    "argwhere": (lambda t, a: t.argwhere(a > 0), (A,)),
    "unravel_index": (lambda t, a: t.unravel_index(a, (2, 3)), (np.array([3, 5, 7, -1]),)),
    "unravel_index one": (lambda t, a: t.unravel_index(a, 6), (np.array(3),)),
    "nonzero_static": (
        lambda t, a: (t.nonzero_static(a, size=2), a.nonzero_static(size=8, fill_value=7)),
        (np.array([[1, 0], [0, 2]]),),
    ),
}
REFUSED: dict[str, Refused] = {
    "unravel_index truths": lambda t: t.unravel_index(t.tensor([1]), (2, -3)),
    "unravel_index shape": lambda t: t.unravel_index(t.tensor([1]), (2, 3.0)),
    "unravel_index text": lambda t: t.unravel_index(t.tensor([1]), "a"),
    "nonzero_static size": lambda t: t.nonzero_static(t.ones(2), size=-8),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)


def test_element_types_of_unravel_index(torch: Any) -> None:
    for numbers in ([1.0], [True]):
        with pytest.raises(TypeError, match="expected 'indices' to be integer dtype, but got "):
            knoll.unravel_index(knoll.tensor(numbers), (2, 3))
    assert all(part.dtype == knoll.int64 for part in knoll.unravel_index(knoll.tensor([2], dtype=knoll.uint8), (2, 3)))
