"""Runs of equal elements against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from side_by_side import Case, both

WHOLE = np.array([3, 1, 3, 2, 2, 2])
COMPARED: dict[str, Case] = {
    "unique_consecutive": (
        lambda t, a: t.unique_consecutive(a, return_inverse=True, return_counts=True),
        (WHOLE,),
    ),
    "unique_consecutive rows": (lambda t, a: t.unique_consecutive(a, dim=0), (np.array([[1, 2], [1, 2], [0, 2]]),)),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)
