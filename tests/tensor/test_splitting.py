"""Tensors split along axes against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from side_by_side import A, Case, both, same_refusal

COMPARED: dict[str, Case] = {
    "tensor_split": (lambda t, a: t.tensor_split(a, 3, dim=1), (A,)),
    "tensor_split places": (lambda t, a: t.tensor_split(a, [1, 3], dim=1), (A,)),
    "hsplit": (lambda t, a: t.hsplit(a, 2), (A,)),
    "vsplit": (lambda t, a: t.vsplit(a, 3), (A,)),
}
REFUSED: dict[str, Callable[[Any], object]] = {
    "tensor_split of one": lambda t: t.tensor_split(t.tensor(1.0), 2),
    "hsplit": lambda t: t.hsplit(t.ones(3, 3), 2),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_as_in_pytorch(name: str) -> None:
    same_refusal(REFUSED[name])
