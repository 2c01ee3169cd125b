"""What formulas of elementwise operations are built of, evaluated in NumPy instead of registers."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.ops.formula import at_least, polynomial

CONDITIONS = {"olt": np.less, "ogt": np.greater}


class Lanes:
    """Numbers, or the truth values of a comparison, as a formula sees them."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = np.asarray(numbers)

    def compare(self, condition: str, other: Lanes) -> Lanes:
        return Lanes(CONDITIONS[condition](self.numbers, other.numbers))

    def select(self, yes: Lanes, no: Lanes) -> Lanes:
        return Lanes(np.where(self.numbers, yes.numbers, no.numbers))


class InNumPy:
    """The arithmetic that a polynomial needs."""

    def constant(self, value: float) -> Lanes:
        return Lanes(value)

    def multiply_add(self, a: Lanes, b: Lanes, c: Lanes) -> Lanes:
        return Lanes(a.numbers * b.numbers + c.numbers)


def test_coefficients_of_a_polynomial_go_from_the_constant_up() -> None:
    x: Any = Lanes([0.0, 1.0, 2.0, -3.0])
    arithmetic: Any = InNumPy()
    assert polynomial(arithmetic, (5.0, -1.0, 2.0), x).numbers.tolist() == [5, 6, 11, 26]
    assert polynomial(arithmetic, (7.0,), x).numbers.tolist() == 7


def test_a_lower_bound_leaves_nan_alone() -> None:
    x: Any = Lanes([-1.0, 3.0, np.nan])
    bound: Any = Lanes(2.0)
    np.testing.assert_array_equal(at_least(x, bound).numbers, [2, 3, np.nan])
