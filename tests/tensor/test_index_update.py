"""Slices added, copied and filled by index, against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, Case, comparisons

COMPARED: dict[str, Case] = {
    "index_add": (lambda t, a, b: t.index_add(a, 0, t.tensor([0, 0]), b[:2], alpha=2), (A, B)),
    "index_copy": (lambda t, a, b: t.index_copy(a, 1, t.tensor([2, 0]), b[:, :2]), (A, B)),
    "index_fill": (lambda t, a: t.index_fill(a, 1, t.tensor([2, 0]), 7.0), (A,)),
    "masked_scatter": (lambda t, a, b: t.masked_scatter(a, a > 0, b), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
