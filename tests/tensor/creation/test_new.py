"""Tensors made like another one, against PyTorch."""

from __future__ import annotations

from side_by_side import A, both


def test_new_full() -> None:
    both(lambda _, a: (a.new_full((2,), 3), a.new_zeros(2, 2), a.new_ones((1,)), a.new_tensor([1])), A, tolerance=1e-7)
