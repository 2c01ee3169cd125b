"""Remainders with the sign of the dividend against PyTorch."""

from __future__ import annotations

from side_by_side import WHOLE, A, B, Case, comparisons

COMPARED: dict[str, Case] = {
    "fmod": (lambda t, a, b: t.fmod(a, b), (A, B)),
    "fmod number": (lambda t, a: t.fmod(a, 0.7), (A,)),
    "fmod integers": (lambda t, a: t.fmod(a, 2), (-WHOLE,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
