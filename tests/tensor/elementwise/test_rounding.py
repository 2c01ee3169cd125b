"""Numbers rounded, and remainders with the sign of the dividend, against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from side_by_side import EDGES, WHOLE, A, B, Case, both, comparisons, same_refusal

COMPARED: dict[str, Case] = {
    "fmod": (lambda t, a, b: t.fmod(a, b), (A, B)),
    "fmod number": (lambda t, a: t.fmod(a, 0.7), (A,)),
    "fmod integers": (lambda t, a: t.fmod(a, 2), (-WHOLE,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


@pytest.mark.parametrize("decimals", [-1, 0, 1, 2, 7])
def test_round_to_decimals(decimals: int) -> None:
    both(lambda lib, x: lib.round(x, decimals=decimals), np.array([1.25, -2.35, 15.5, 25.0, 0.05, 1234.5678]))
    both(lambda _, x: x.detach().round(decimals=100 * decimals), EDGES)
    both(lambda _, x: x.detach().round(decimals=decimals), EDGES)
    both(lambda _, x: x.detach().round(decimals=decimals), np.array([1.25, 2000.7, 0.127], np.float16))


def test_what_round_refuses() -> None:
    for decimals in (1.0, None, True):
        same_refusal(lambda lib, decimals=decimals: lib.ones(2).round(decimals=decimals))
    same_refusal(lambda lib: lib.tensor([15]).round(decimals=1))
