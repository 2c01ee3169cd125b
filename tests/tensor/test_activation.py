"""Activations that are functions of tensors, against PyTorch."""

from __future__ import annotations

from typing import Any

from side_by_side import A, both, second


def test_hardshrink() -> None:
    def call(t: Any, a: Any) -> Any:
        return (t.hardshrink(a), a.hardshrink(0.2))

    both(call, A, tolerance=1e-7)
    second(call, A, tolerance=1e-6)
