"""Distances of all pairs of rows against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, Case, comparisons, same_refusal

COMPARED: dict[str, Case] = {
    "cdist": (lambda t, a, b: t.cdist(a, b), (A, B)),
    "cdist 1": (lambda t, a, b: t.cdist(a, b, 1.0), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_refused_as_in_pytorch() -> None:
    same_refusal(lambda t: t.cdist(t.ones(2, 2), t.ones(2, 3)))
