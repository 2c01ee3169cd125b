"""The least and the greatest element at once, against PyTorch."""

from __future__ import annotations

from side_by_side import A, both


def test_aminmax() -> None:
    both(lambda t, a: tuple(t.aminmax(a, dim=1)), A, tolerance=1e-7)
