"""Activations that are functions of tensors, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from side_by_side import A, both, same_refusal, second

RNG = np.random.default_rng(4)


def test_hardshrink() -> None:
    def call(t: Any, a: Any) -> Any:
        return (t.hardshrink(a), a.hardshrink(0.2))

    both(call, A, tolerance=1e-7)
    second(call, A, tolerance=1e-6)


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax(name: str, dim: int) -> None:
    both(lambda library, x: getattr(library, name)(x, dim), RNG.uniform(-5, 5, (2, 3, 4)))
    both(lambda library, x: getattr(library, name)(x, dim), np.full((2, 3, 4), 1000.0))


def test_softmax_refuses() -> None:
    same_refusal(lambda lib: lib.ones(2, 3).softmax(2))
