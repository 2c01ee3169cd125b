"""Elements put by index tensors against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, Case, comparisons

COMPARED: dict[str, Case] = {
    "index_put": (lambda t, a, b: t.index_put(a, (t.tensor([0, 1]), t.tensor([1, 1])), b[0, :2]), (A, B)),
    "index_put sum": (lambda t, a, b: t.index_put(a, (t.tensor([1, 1]), t.tensor([1, 1])), b[0, :2], True), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
