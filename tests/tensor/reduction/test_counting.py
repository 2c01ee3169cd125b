"""Different elements, and how often each occurs, against PyTorch."""

from __future__ import annotations

import numpy as np

from side_by_side import WHOLE, Case, Refused, both, comparisons, refusals

COMPARED: dict[str, Case] = {
    "unique_consecutive": (
        lambda t, a: t.unique_consecutive(a, return_inverse=True, return_counts=True),
        (WHOLE,),
    ),
    "unique_consecutive rows": (lambda t, a: t.unique_consecutive(a, dim=0), (np.array([[1, 2], [1, 2], [0, 2]]),)),
}
REFUSED: dict[str, Refused] = {"bincount": lambda t: t.tensor([-1]).bincount()}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)


def test_different_elements_and_their_counts() -> None:
    x = np.array([[3, 1, 3], [2, 1, 1]])
    both(lambda lib, x: (x.unique(), *lib.unique(x, return_inverse=True, return_counts=True)), x)
    both(lambda lib, x: lib.unique(x, return_inverse=True, return_counts=True), np.array(3))
    both(lambda lib, x: lib.unique_consecutive(x, return_inverse=True), np.array(3))
    both(lambda _, x: x.unique(dim=0), np.array([[1, 2], [0, 1], [1, 2]]))
    both(lambda lib, x: (lib.bincount(x), x.bincount(minlength=9)), np.array([0, 3, 3, 1]))
    both(lambda lib, x: lib.bincount(x, lib.tensor([0.5, 1.0, 2.0])), np.array([0, 2, 2]))
