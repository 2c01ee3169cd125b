"""Running sums, products and extremes, and differences, against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from side_by_side import WHOLE, ZEROS, A, B, Case, Refused, X, both, comparisons, refusals

CALLS: dict[str, Callable[..., Any]] = {
    "cumsum": lambda lib, x: (x.cumsum(0), lib.cumsum(x, -1), x.cumsum(dim=1)),
    "cumprod": lambda lib, x: (x.cumprod(0), lib.cumprod(x, -1)),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("x", [X, ZEROS, X.astype(np.float32)], ids=["double", "zeros", "single"])
def test_values_and_gradients(name: str, x: Any) -> None:
    both(CALLS[name], x, tolerance=1e-5 if x.dtype == np.float32 else 1e-9)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_integers(name: str, dtype: str) -> None:
    both(CALLS[name], np.array([[3, 1, 2], [5, 4, 6]], dtype))


COMPARED: dict[str, Case] = {
    "cummax": (lambda t, a: tuple(t.cummax(a, 1)), (A,)),
    "cummin": (lambda t, a: tuple(t.cummin(a, 0)), (A,)),
    "cummax ties": (lambda t, a: tuple(t.cummax(a, 0)), (WHOLE,)),
    "diff": (lambda t, a, b: t.diff(a, 2, 0, prepend=b), (A, B)),
    "axis": (lambda t, a: (a.cumsum(axis=1), t.unsqueeze(a, axis=0), a.sum(axis=0, keepdims=True)), (A,)),
}
REFUSED: dict[str, Refused] = {
    "diff": lambda t: t.diff(t.tensor(1.0)),
    "cumsum": lambda t: t.ones(2).cumsum(),
    "cumsum axis": lambda t: t.ones(2, 3).cumsum(2),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)
