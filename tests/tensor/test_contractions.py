"""Tensor contractions and Kronecker products against PyTorch."""

from __future__ import annotations

import pytest
from side_by_side import A, B, Case, both

COMPARED: dict[str, Case] = {
    "tensordot": (lambda t, a, b: t.tensordot(a, b, dims=([0, 1], [0, 1])), (A, B)),
    "kron": (lambda t, a, b: t.kron(a, b[0]), (A, B)),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)
