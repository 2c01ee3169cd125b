"""Running logarithms of sums of exponentials against PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from side_by_side import A, Case, both, same_refusal, second

INF = np.array([-math.inf, -math.inf, 1.0, math.inf, 2.0, np.nan])
BIG = np.array([1e3, -1e3, 1e3, 2.0])
COMPARED: dict[str, Case] = {
    "logcumsumexp": (lambda t, a: t.logcumsumexp(a, 1), (A,)),
    "logcumsumexp of one": (lambda t, a: t.logcumsumexp(a, 0), (np.array(2.0),)),
    "logcumsumexp large": (lambda _, a: a.logcumsumexp(-1), (BIG,)),
    "logcumsumexp infinite": (lambda t, a: t.logcumsumexp(a.detach(), 0), (INF,)),
}
REFUSED: dict[str, Callable[[Any], object]] = {
    "logcumsumexp integers": lambda t: t.logcumsumexp(t.tensor([1]), 0),
    "logcumsumexp axis": lambda t: t.logcumsumexp(t.tensor(2.0), 1),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)


@pytest.mark.parametrize("name", ["logcumsumexp", "logcumsumexp large"])
def test_second_derivatives_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    second(call, *arrays, tolerance=1e-6)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_as_in_pytorch(name: str) -> None:
    same_refusal(REFUSED[name])
