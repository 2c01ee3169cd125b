"""Sorting and binary search against PyTorch."""

from __future__ import annotations

import numpy as np

from side_by_side import WHOLE, A, Case, both, comparisons, same_refusal

RNG = np.random.default_rng(6)
COMPARED: dict[str, Case] = {
    "msort": (lambda t, a: t.msort(a), (A,)),
    "searchsorted": (lambda t, a: t.searchsorted(t.tensor([1, 2, 3]), a, right=True), (WHOLE,)),
    "searchsorted rows": (lambda t, a: t.searchsorted(t.sort(a.detach(), 1)[0], a.detach()), (A,)),
    "bucketize": (lambda t, a: t.bucketize(a, t.tensor([1, 2, 3])), (WHOLE,)),
    "topk": (lambda t, a: tuple(t.topk(a, 2, dim=1, largest=False, sorted=True)), (A,)),
    "sort": (lambda t, a: tuple(t.sort(a, dim=0, descending=True, stable=True)), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_orders() -> None:
    x = RNG.permutation(24).reshape(4, 6).astype(float)
    both(lambda _, x: (x.sort(), x.sort(0, descending=True), x.argsort(1)), x)
    both(lambda _, x: (x.topk(2), x.topk(3, 0), x.topk(2, largest=False)), x)
    same_refusal(lambda lib: lib.ones(3).topk(4))
