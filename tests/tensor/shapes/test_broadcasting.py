"""Tensors of at least some axes and of one broadcast shape, against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, Case, comparisons

COMPARED: dict[str, Case] = {
    "atleast": (lambda t, a: (t.atleast_1d(a), t.atleast_2d(a[0]), t.atleast_3d(a)), (A,)),
    "broadcast_tensors": (lambda t, a, b: t.broadcast_tensors(a[0], b), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
