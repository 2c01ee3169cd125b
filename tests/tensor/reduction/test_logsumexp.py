"""Logarithms of sums of exponentials, over axes and running, against PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from side_by_side import ZEROS, A, Case, Refused, X, both, comparisons, refusals, second_derivatives

INF = np.array([-math.inf, -math.inf, 1.0, math.inf, 2.0, np.nan])
BIG = np.array([1e3, -1e3, 1e3, 2.0])
COMPARED: dict[str, Case] = {
    "logcumsumexp": (lambda t, a: t.logcumsumexp(a, 1), (A,)),
    "logcumsumexp of one": (lambda t, a: t.logcumsumexp(a, 0), (np.array(2.0),)),
    "logcumsumexp large": (lambda _, a: a.logcumsumexp(-1), (BIG,)),
    "logcumsumexp infinite": (lambda t, a: t.logcumsumexp(a.detach(), 0), (INF,)),
}
REFUSED: dict[str, Refused] = {
    "logcumsumexp integers": lambda t: t.logcumsumexp(t.tensor([1]), 0),
    "logcumsumexp axis": lambda t: t.logcumsumexp(t.tensor(2.0), 1),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_second_derivatives_as_in_pytorch = second_derivatives(COMPARED, ["logcumsumexp", "logcumsumexp large"])
test_refused_as_in_pytorch = refusals(REFUSED)


@pytest.mark.parametrize("x", [X, ZEROS, X.astype(np.float32)], ids=["double", "zeros", "single"])
def test_over_dimensions(x: Any) -> None:
    both(
        lambda lib, x: (x.logsumexp(0), lib.logsumexp(x, (0, -1)), x.logsumexp(1, keepdim=True)),
        x,
        tolerance=1e-5 if x.dtype == np.float32 else 1e-9,
    )


def test_infinite_and_missing_numbers() -> None:
    edges = np.array([[np.inf, 1.0], [-np.inf, -np.inf], [np.nan, 2.0], [800.0, 800.0]])
    both(lambda lib, x: lib.logsumexp(x.detach(), 1), edges)
