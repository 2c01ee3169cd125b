"""Sorting and binary search against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from side_by_side import A, Case, both

WHOLE = np.array([3, 1, 3, 2, 2, 2])
COMPARED: dict[str, Case] = {
    "msort": (lambda t, a: t.msort(a), (A,)),
    "searchsorted": (lambda t, a: t.searchsorted(t.tensor([1, 2, 3]), a, right=True), (WHOLE,)),
    "searchsorted rows": (lambda t, a: t.searchsorted(t.sort(a.detach(), 1)[0], a.detach()), (A,)),
    "bucketize": (lambda t, a: t.bucketize(a, t.tensor([1, 2, 3])), (WHOLE,)),
    "topk": (lambda t, a: tuple(t.topk(a, 2, dim=1, largest=False, sorted=True)), (A,)),
    "sort": (lambda t, a: tuple(t.sort(a, dim=0, descending=True, stable=True)), (A,)),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)
