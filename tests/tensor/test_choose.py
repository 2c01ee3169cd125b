"""Elements chosen from two tensors, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from side_by_side import A, B, Case, comparisons

import knoll
from knoll.errors import ArgumentTypeError

TIES = np.array([np.nan, 1.0, 2.0, 1.0, 3.0, np.nan, np.nan])
COMPARED: dict[str, Case] = {
    "fmax": (lambda t, a, b: t.fmax(a, b), (A, B)),
    "fmin": (lambda t, a, b: t.fmin(a, b), (A, B)),
    "fmax of equal ones and NaN": (lambda t, a, b: t.fmax(a, b), (TIES, TIES[::-1].copy())),
    "fmin of equal ones and NaN": (lambda t, a, b: t.fmin(a, b), (TIES, TIES[::-1].copy())),
    "copysign": (lambda t, a, b: t.copysign(a, b), (A, B)),
    "heaviside": (lambda t, a: t.heaviside(a.detach(), t.full_like(a, 0.5)), (np.array([-1.0, 0.0, 2.0]),)),
    "where": (lambda _, a, b: a.where(a > 0, b), (A, B)),
    "where number": (lambda _, a: a.where(a > 0, 0.5), (A,)),
    "where alone": (lambda t, a: t.where(a > 0), (A,)),
    "where alone of numbers": (lambda t, a: (*t.where(a), *t.where(a[0, 0])), (np.array([[1, 0], [0, 2]]),)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_where_takes_two_to_choose_from_or_none() -> None:
    holds: Any = knoll.ones(2) > 0
    for call, words in (
        (lambda: knoll.where(holds, 1.0), 'missing 1 required positional arguments: "other"'),  # type: ignore[call-overload]
        (lambda: knoll.where(holds, other=1.0), 'missing 1 required positional arguments: "input"'),  # type: ignore[call-overload]
        (lambda: knoll.where(holds, out=knoll.ones(2)), "unexpected keyword argument 'out'"),  # type: ignore[call-overload]
    ):
        with pytest.raises(ArgumentTypeError, match=words):
            call()
