"""Whole tensors compared, against PyTorch."""

from __future__ import annotations

import pytest
from side_by_side import A, B, Case, both

COMPARED: dict[str, Case] = {
    "equal": (lambda t, a, b: t.tensor([a.equal(a), a.equal(b), a.equal(a[0]), a.equal(a.float())]), (A, B)),
    "allclose": (lambda t, a, b: t.tensor([a.allclose(a + 1e-9), a.allclose(b), a.allclose(b, atol=99.0)]), (A, B)),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)
