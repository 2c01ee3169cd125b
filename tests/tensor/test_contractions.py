"""Tensor contractions and Kronecker products against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, Case, comparisons

COMPARED: dict[str, Case] = {
    "tensordot": (lambda t, a, b: t.tensordot(a, b, dims=([0, 1], [0, 1])), (A, B)),
    "kron": (lambda t, a, b: t.kron(a, b[0]), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
