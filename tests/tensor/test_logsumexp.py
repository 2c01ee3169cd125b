"""Running logarithms of sums of exponentials against PyTorch."""

from __future__ import annotations

import math

import numpy as np
from side_by_side import A, Case, Refused, comparisons, refusals, second_derivatives

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
