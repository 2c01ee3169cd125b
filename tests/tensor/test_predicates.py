"""Questions about single elements against PyTorch."""

from __future__ import annotations

import math

import numpy as np
from side_by_side import WHOLE, Case, comparisons

COMPARED: dict[str, Case] = {
    "signbit": (lambda t, a: t.signbit(a), (np.array([-0.0, 0.0, -1.0]),)),
    "isposinf": (lambda t, a: t.isposinf(a), (np.array([math.inf, -math.inf, 1.0]),)),
    "isneginf": (lambda t, a: t.isneginf(a), (np.array([math.inf, -math.inf, 1.0]),)),
    "isin": (lambda t, a: t.isin(a, t.tensor([1, 2])), (WHOLE,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
