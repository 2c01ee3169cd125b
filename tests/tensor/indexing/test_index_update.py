"""Slices added, copied and filled by index, against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, Case, comparisons

COMPARED: dict[str, Case] = {
    "index_add": (lambda t, a, b: t.index_add(a, 0, t.tensor([0, 0]), b[:2], alpha=2), (A, B)),
    "index_copy": (lambda t, a, b: t.index_copy(a, 1, t.tensor([2, 0]), b[:, :2]), (A, B)),
    "index_fill": (lambda t, a: t.index_fill(a, 1, t.tensor([2, 0]), 7.0), (A,)),
    "index_add of one number": (lambda t, a, b: t.index_add(a[0, 0], 0, t.tensor([0]), b[0, 0]), (A, B)),
    "index_copy of one number": (lambda t, a, b: t.index_copy(a[0, 0], -1, t.tensor([0]), b[0, :1]), (A, B)),
    "index_fill of one number": (lambda t, a: t.index_fill(a[0, 0], 0, t.tensor([0]), 7.0), (A,)),
    "index_fill_ of one number": (lambda t, a: (a[0, 0] * 2).index_fill_(-1, t.tensor([0]), 7.0), (A,)),
    "index_add_ of one number": (lambda t, a, b: (a[0, 0] * 2).index_add_(0, t.tensor([0]), b[1, 1]), (A, B)),
    "masked_scatter": (lambda t, a, b: t.masked_scatter(a, a > 0, b), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
