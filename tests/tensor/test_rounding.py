"""Remainders with the sign of the dividend against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from side_by_side import A, B, Case, both

WHOLE = np.array([3, 1, 3, 2, 2, 2])
COMPARED: dict[str, Case] = {
    "fmod": (lambda t, a, b: t.fmod(a, b), (A, B)),
    "fmod number": (lambda t, a: t.fmod(a, 0.7), (A,)),
    "fmod integers": (lambda t, a: t.fmod(a, 2), (-WHOLE,)),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)
