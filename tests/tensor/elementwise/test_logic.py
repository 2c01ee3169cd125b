"""Logic of truth values and of bits, and shifts, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from side_by_side import WHOLE, Case, Refused, both, comparisons, refusals, same_refusal

TRUTHS = {
    "bool": (np.array([True, False]), np.array([True, True])),
    "int64": (np.array([1, 2, 0, 0]), np.array([2, 1, 0, 4])),
    "float": (np.array([0.5, np.nan, 0.0, -0.0]), np.array([2.0, 0.0, 0.0, np.inf])),
    "mixed": (np.array([[1], [0]], np.uint8), np.array([0.25, 0.0])),
}


@pytest.mark.parametrize("given", TRUTHS)
@pytest.mark.parametrize("name", ["logical_and", "logical_or", "logical_xor"])
def test_logical_operations_ask_what_is_not_zero(name: str, given: str) -> None:
    both(lambda _, a, b: (getattr(a, name)(b), getattr(b, name)(a)), *TRUTHS[given])
    both(lambda lib, a, b: (getattr(lib, name)(a, b), lib.logical_not(a), b.logical_not()), *TRUTHS[given])


@pytest.mark.parametrize("name", ["bitwise_and", "bitwise_or", "bitwise_xor"])
def test_bitwise_operations(name: str) -> None:
    both(lambda _, a, b: (getattr(a, name)(b), getattr(a, name)(6)), *TRUTHS["int64"])
    both(lambda lib, a, b: (getattr(lib, name)(a, b), lib.bitwise_not(a)), *TRUTHS["bool"])
    same_refusal(lambda lib: getattr(lib, name)(lib.tensor([1.0]), lib.tensor([2.0])))
    same_refusal(lambda lib: getattr(lib.tensor([1]), name)(1.5))


def _shifted_in_place(a: Any) -> Any:
    a <<= 2
    a >>= 1
    return a


COMPARED: dict[str, Case] = {
    "shifts": (lambda t, a: (t.bitwise_left_shift(a, 2), t.bitwise_right_shift(a, t.tensor(1))), (WHOLE,)),
    "shifts by operators": (
        lambda t, a: (a << 1, a >> t.tensor(1), 1 << a, t.tensor(64) >> a, _shifted_in_place(a.clone())),
        (WHOLE,),
    ),
    "shifts of truths": (lambda _, a: (a << 1, 1 << a), (np.array([True, False]),)),
}
REFUSED: dict[str, Refused] = {
    "shift by a fraction": lambda t: t.tensor([1]) << 1.5,
    "shift of fractions": lambda t: t.ones(2) >> t.tensor([1]),
    "shift of a list": lambda t: [1] << t.tensor([1]),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)
