"""Questions about single elements against PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from side_by_side import Case, both

WHOLE = np.array([3, 1, 3, 2, 2, 2])
COMPARED: dict[str, Case] = {
    "signbit": (lambda t, a: t.signbit(a), (np.array([-0.0, 0.0, -1.0]),)),
    "isposinf": (lambda t, a: t.isposinf(a), (np.array([math.inf, -math.inf, 1.0]),)),
    "isneginf": (lambda t, a: t.isneginf(a), (np.array([math.inf, -math.inf, 1.0]),)),
    "isin": (lambda t, a: t.isin(a, t.tensor([1, 2])), (WHOLE,)),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)
