"""Norms of vectors and matrices, and slices of bounded norm, against PyTorch."""

from __future__ import annotations

import math

import numpy as np
from side_by_side import A, Case, Refused, comparisons, refusals, second_derivatives

COMPARED: dict[str, Case] = {
    "norms": (lambda t, a: [t.linalg.norm(a, p) for p in (None, "fro", 1, -1, math.inf, -math.inf)], (A,)),
    "vector_norm": (lambda t, a: t.linalg.vector_norm(a, 3, 1, True), (A,)),
    "matrix_norm": (lambda t, a: t.linalg.matrix_norm(t.stack((a, a)), 1), (A,)),
    "renorm": (lambda t, a: t.renorm(a, 2, 0, 1.0), (A,)),
    "renorm columns": (lambda _, a: a.renorm(1, 1, 2.0), (A,)),
    "renorm zeros": (lambda t, a: t.renorm(a, 2, 0, 1.0), (np.vstack([A, np.zeros(4)]),)),
    "renorm infinite": (lambda t, a: t.renorm(a, math.inf, 0, 0.5), (A,)),
}
REFUSED: dict[str, Refused] = {
    "renorm p": lambda t: t.renorm(t.ones(2, 3), 0, 1, 1.0),
    "renorm length": lambda t: t.renorm(t.ones(2, 3), 1, 1, -1.0),
    "renorm rank": lambda t: t.renorm(t.ones(3), 1, 0, 1.0),
    "renorm integers": lambda t: t.renorm(t.tensor([[1]]), 1, 0, 1.0),
    "renorm axis": lambda t: t.renorm(t.ones(2, 3), 1, 5, 1.0),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_second_derivatives_as_in_pytorch = second_derivatives(COMPARED, ["renorm", "renorm columns"])
test_refused_as_in_pytorch = refusals(REFUSED)
