"""Elements gathered by index against PyTorch."""

from __future__ import annotations

from side_by_side import A, Case, comparisons

COMPARED: dict[str, Case] = {
    "take": (lambda t, a: t.take(a, t.tensor([[0, 5], [5, -1]])), (A,)),
    "gather axis": (lambda t, a: t.gather(a, axis=1, index=t.zeros(3, 1, dtype=t.int64)), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
