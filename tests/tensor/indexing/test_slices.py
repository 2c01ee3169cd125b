"""One slice and sliding windows along an axis, against PyTorch."""

from __future__ import annotations

from side_by_side import A, Case, comparisons, same_refusal

COMPARED: dict[str, Case] = {
    "select": (lambda t, a: t.select(a, 1, -1), (A,)),
    "unfold": (lambda _, a: a.unfold(1, 2, 2), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_refused_as_in_pytorch() -> None:
    same_refusal(lambda t: t.select(t.ones(2, 3), 0, 5))
