"""Diagonals read and made, against PyTorch."""

from __future__ import annotations

import knoll
from side_by_side import A, Case, comparisons

COMPARED: dict[str, Case] = {
    "diagonal": (lambda t, a: t.diagonal(a, 1), (A,)),
    "diag_embed": (lambda t, a: t.diag_embed(a, 1), (A,)),
    "diag_embed axes": (lambda t, a: t.diag_embed(a, -1, 0, 2), (A,)),
    "diagflat": (lambda t, a: t.diagflat(a), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_a_diagonal_is_filled_in_place() -> None:
    assert knoll.zeros(2, 2).fill_diagonal_(3.0).tolist() == [[3.0, 0.0], [0.0, 3.0]]
