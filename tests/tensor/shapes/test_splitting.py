"""Tensors split along axes against PyTorch."""

from __future__ import annotations

from side_by_side import A, Case, Refused, comparisons, refusals

COMPARED: dict[str, Case] = {
    "tensor_split": (lambda t, a: t.tensor_split(a, 3, dim=1), (A,)),
    "tensor_split places": (lambda t, a: t.tensor_split(a, [1, 3], dim=1), (A,)),
    "hsplit": (lambda t, a: t.hsplit(a, 2), (A,)),
    "vsplit": (lambda t, a: t.vsplit(a, 3), (A,)),
}
REFUSED: dict[str, Refused] = {
    "tensor_split of one": lambda t: t.tensor_split(t.tensor(1.0), 2),
    "hsplit": lambda t: t.hsplit(t.ones(3, 3), 2),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)
