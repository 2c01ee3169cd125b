"""The distance of two tensors in a p-norm against PyTorch."""

from __future__ import annotations

from side_by_side import A, B, both


def test_dist() -> None:
    both(lambda t, a, b: t.dist(a, b, 3), A, B, tolerance=1e-7)
