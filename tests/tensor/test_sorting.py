"""Sorting and binary search against PyTorch."""

from __future__ import annotations

from side_by_side import WHOLE, A, Case, comparisons

COMPARED: dict[str, Case] = {
    "msort": (lambda t, a: t.msort(a), (A,)),
    "searchsorted": (lambda t, a: t.searchsorted(t.tensor([1, 2, 3]), a, right=True), (WHOLE,)),
    "searchsorted rows": (lambda t, a: t.searchsorted(t.sort(a.detach(), 1)[0], a.detach()), (A,)),
    "bucketize": (lambda t, a: t.bucketize(a, t.tensor([1, 2, 3])), (WHOLE,)),
    "topk": (lambda t, a: tuple(t.topk(a, 2, dim=1, largest=False, sorted=True)), (A,)),
    "sort": (lambda t, a: tuple(t.sort(a, dim=0, descending=True, stable=True)), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
