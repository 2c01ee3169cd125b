"""Whole tensors compared, against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, Case, comparisons

COMPARED: dict[str, Case] = {
    "equal": (lambda t, a, b: t.tensor([a.equal(a), a.equal(b), a.equal(a[0]), a.equal(a.float())]), (A, B)),
    "allclose": (lambda t, a, b: t.tensor([a.allclose(a + 1e-9), a.allclose(b), a.allclose(b, atol=99.0)]), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
