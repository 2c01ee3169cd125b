"""Tensors with a selection, a slice or a diagonal replaced, against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, Case, Refused, comparisons, refusals, second_derivatives

COMPARED: dict[str, Case] = {
    "select_scatter": (lambda t, a, b: t.select_scatter(a, b[0], 0, -1), (A, B)),
    "select_scatter axis": (lambda _, a, b: a.select_scatter(b[:, 0], 1, 2), (A, B)),
    "select_scatter converts": (lambda t, a: t.select_scatter(a, t.ones(4, dtype=t.int64), 0, 1), (A,)),
    "slice_scatter": (lambda t, a, b: t.slice_scatter(a, b[:, :2], 1, 0, 4, 2), (A, B)),
    "slice_scatter end": (lambda _, a, b: a.slice_scatter(b[:, :2], dim=1, start=-2), (A, B)),
    "slice_scatter all": (lambda t, a, b: t.slice_scatter(a, b), (A, B)),
    "diagonal_scatter": (lambda t, a, b: t.diagonal_scatter(a, b[0, :3], 1), (A, B)),
    "diagonal_scatter axes": (lambda t, a, b: t.stack((a, b)).diagonal_scatter(b[:2].T, 0, 0, 1), (A, B)),
}
REFUSED: dict[str, Refused] = {
    "select_scatter place": lambda t: t.select_scatter(t.ones(2, 3), t.ones(3), 0, 5),
    "select_scatter shape": lambda t: t.select_scatter(t.ones(2, 3), t.ones(2), 0, 1),
    "select_scatter axis": lambda t: t.select_scatter(t.ones(2, 3), t.ones(3), 7, 1),
    "select_scatter of none": lambda t: t.select_scatter(t.tensor(1.0), t.ones(3), 0, 0),
    "slice_scatter shape": lambda t: t.slice_scatter(t.ones(2, 3), t.ones(2, 2), 1, 0, 1),
    "slice_scatter step": lambda t: t.slice_scatter(t.ones(2, 3), t.ones(2, 2), 1, 0, 3, 0),
    "slice_scatter of none": lambda t: t.slice_scatter(t.tensor(1.0), t.tensor(2.0)),
    "diagonal_scatter shape": lambda t: t.diagonal_scatter(t.ones(2, 3), t.ones(3)),
    "diagonal_scatter axes": lambda t: t.diagonal_scatter(t.ones(2, 3), t.ones(2), 0, 1, 1),
    "diagonal_scatter rank": lambda t: t.diagonal_scatter(t.ones(3), t.ones(2)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_second_derivatives_as_in_pytorch = second_derivatives(
    COMPARED, ["select_scatter", "slice_scatter", "diagonal_scatter"]
)
test_refused_as_in_pytorch = refusals(REFUSED)
