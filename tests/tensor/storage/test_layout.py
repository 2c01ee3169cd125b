"""The sign of element types against PyTorch."""

from __future__ import annotations

from side_by_side import A, both


def test_is_signed() -> None:
    both(lambda t, a: t.tensor([t.is_signed(a), a.to(t.uint8).is_signed(), (a > 0).is_signed()]), A, tolerance=1e-7)
