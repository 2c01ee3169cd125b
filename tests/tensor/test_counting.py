"""Runs of equal elements against PyTorch."""

from __future__ import annotations

import numpy as np
from side_by_side import WHOLE, Case, comparisons

COMPARED: dict[str, Case] = {
    "unique_consecutive": (
        lambda t, a: t.unique_consecutive(a, return_inverse=True, return_counts=True),
        (WHOLE,),
    ),
    "unique_consecutive rows": (lambda t, a: t.unique_consecutive(a, dim=0), (np.array([[1, 2], [1, 2], [0, 2]]),)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
