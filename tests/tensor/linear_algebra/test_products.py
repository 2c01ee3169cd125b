"""Products of matrices and vectors against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from side_by_side import A, B, Case, both, comparisons, same_refusal

RNG = np.random.default_rng(8)


def numbers(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.uniform(-2, 2, shape)


def test_products() -> None:
    both(lambda library, a, b: library.mm(a, b), numbers(2, 3), numbers(3, 4))
    both(lambda library, a, b: library.bmm(a, b), numbers(5, 2, 3), numbers(5, 3, 4))
    both(lambda library, a, b: library.mv(a, b), numbers(2, 3), numbers(3))
    both(lambda library, a, b: library.dot(a, b), numbers(3), numbers(3))
    both(lambda library, a, b: library.outer(a, b), numbers(3), numbers(4))
    both(lambda library, a, b, c: library.addmm(a, b, c), numbers(4), numbers(2, 3), numbers(3, 4))
    both(lambda _, a, b, c: a.addmm(b, c, beta=0.5, alpha=2), numbers(2, 4), numbers(2, 3), numbers(3, 4))


@pytest.mark.parametrize("call", [
    lambda library: library.mm(library.ones(2, 3), library.ones(2, 3)),
    lambda library: library.mm(library.ones(3), library.ones(3, 2)),
    lambda library: library.bmm(library.ones(3, 2), library.ones(3, 2)),
    lambda library: library.bmm(library.ones(2, 3, 2), library.ones(3, 2, 2)),
    lambda library: library.dot(library.ones(3, 2), library.ones(3)),
    lambda library: library.dot(library.ones(3), library.ones(4)),
])  # fmt: skip
def test_refusals_are_pytorchs(call: Callable[[Any], Any]) -> None:
    same_refusal(call)


S = np.random.default_rng(1).standard_normal((3, 3)) + 3 * np.eye(3)
V3, W3 = np.random.default_rng(2).standard_normal((2, 2, 3))
COMPARED: dict[str, Case] = {
    "addmv": (lambda t, a, b: t.addmv(b[:, 0], a, b[0], beta=2, alpha=3), (A, B)),
    "addr": (lambda t, a, b: t.addr(a, b[:, 0], b[0]), (A, B)),
    "baddbmm": (lambda t, a, b: t.baddbmm(t.ones(3, 3, dtype=t.float64), a[None], b.T[None]), (A, B)),
    "addbmm": (lambda t, a, b: t.addbmm(t.ones(3, 3, dtype=t.float64), a[None], b.T[None]), (A, B)),
    "inner": (lambda t, a, b: t.inner(a, b), (A, B)),
    "cross": (lambda t, a, b: t.linalg.cross(a, b), (V3, W3)),
    "matrix_power": (lambda t, a: t.matrix_power(a, 3), (S,)),
    "matrix_power back": (lambda t, a: t.matrix_power(a, -2), (S,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_refused_as_in_pytorch() -> None:
    same_refusal(lambda t: t.inner(t.ones(2), t.ones(3)))
