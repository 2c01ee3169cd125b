"""Norms of vectors and matrices, and slices of bounded norm, against PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import A, Case, Refused, X, both, comparisons, refusals, same_refusal, second_derivatives

COMPARED: dict[str, Case] = {
    "norms": (lambda t, a: [t.linalg.norm(a, p) for p in (None, "fro", 1, -1, math.inf, -math.inf)], (A,)),
    "vector_norm": (lambda t, a: t.linalg.vector_norm(a, 3, 1, True), (A,)),
    "matrix_norm": (lambda t, a: t.linalg.matrix_norm(t.stack((a, a)), 1), (A,)),
    "renorm": (lambda t, a: t.renorm(a, 2, 0, 1.0), (A,)),
    "renorm columns": (lambda _, a: a.renorm(1, 1, 2.0), (A,)),
    "renorm zeros": (lambda t, a: t.renorm(a, 2, 0, 1.0), (np.vstack([A, np.zeros(4)]),)),
    "renorm infinite": (lambda t, a: t.renorm(a, math.inf, 0, 0.5), (A,)),
}
REFUSED: dict[str, Refused] = {
    "renorm p": lambda t: t.renorm(t.ones(2, 3), 0, 1, 1.0),
    "renorm length": lambda t: t.renorm(t.ones(2, 3), 1, 1, -1.0),
    "renorm rank": lambda t: t.renorm(t.ones(3), 1, 0, 1.0),
    "renorm integers": lambda t: t.renorm(t.tensor([[1]]), 1, 0, 1.0),
    "renorm axis": lambda t: t.renorm(t.ones(2, 3), 1, 5, 1.0),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_second_derivatives_as_in_pytorch = second_derivatives(COMPARED, ["renorm", "renorm columns"])
test_refused_as_in_pytorch = refusals(REFUSED)


NORMS: list[Any] = [0, 1, 2, 3, 0.5, -1, -2, np.inf, -np.inf, np.nan, "fro", None, True]


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("dim", [None, 1, (0, 1), [2]])
def test_norm(p: Any, dim: Any) -> None:
    both(lambda _, x: (x.norm(p), x.norm(p, dim), x.norm(p, dim, True)), X)
    both(lambda lib, x: (lib.norm(x, p, dim), lib.norm(x, p=p, dim=dim, keepdim=True)), X)


@pytest.mark.parametrize("p", [p for p in NORMS if p not in (-1, -2) and p is not np.nan])
def test_norm_with_zeros_among_the_elements(p: Any) -> None:
    both(lambda _, x: (x.norm(p), x.norm(p, 1)), np.array([[0.0, -2.0, 3.0], [0.0, 0.0, 0.0]]))


def test_norm_without_an_order_and_of_other_types() -> None:
    both(lambda lib, x: (x.norm(), lib.norm(x), x.norm(dtype=lib.float64)), X.astype(np.float32))
    both(lambda _, x: x.norm(), np.full(300, 200, np.float16), tolerance=1e-3)
    both(lambda _, x: (x.norm(), x.norm(0), x.norm(1)), np.zeros((0, 3)))
    both(lambda _, x: (x.norm(), x.norm(np.inf)), np.array(-3.0))


def test_norm_refuses() -> None:
    same_refusal(lambda lib: lib.tensor([1, 2]).norm())
    same_refusal(lambda lib: lib.zeros(0).norm(float("inf")))
    same_refusal(lambda lib: lib.zeros(0).norm(-1))
    same_refusal(lambda lib: lib.zeros(2, 0).norm(float("inf"), 1))
    same_refusal(lambda lib: lib.ones(2, 2).norm("x"))
    same_refusal(lambda lib: lib.ones(2, 2).norm("nuc", 1))
    same_refusal(lambda lib: lib.ones(2, 2, 2).norm("fro", (0, 1, 2)))
    with pytest.raises(TypeError, match="ord"):
        knoll.ones(2).norm([1])
    for wrong in ("half", "int"):
        same_refusal(lambda lib, kind=wrong: getattr(lib.ones(2, 2), kind)().norm("nuc"))
    same_refusal(lambda lib: lib.ones(2, 2, 2).norm("nuc"))
    same_refusal(lambda lib: lib.linalg.norm(lib.ones(2, 2), 3))
    same_refusal(lambda lib: lib.linalg.matrix_norm(lib.ones(2, 2), 2, (0, 0)))
    same_refusal(lambda lib: lib.linalg.matrix_norm(lib.ones(2, 0), -2))


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (3, 3), (2, 3, 4)])
def test_norms_of_singular_values(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    if len(shape) == 2:
        both(lambda lib, x: (x.norm("nuc"), lib.norm(x, "nuc", keepdim=True), lib.linalg.norm(x, "nuc")), x)
        both(lambda lib, x: (lib.linalg.norm(x, 2), lib.linalg.norm(x, -2)), x)
    for dim in ((-2, -1), (0, 1), (1, 0)):
        for keep in (False, True):
            both(
                lambda lib, x, dim=dim, keep=keep: (
                    lib.norm(x, "nuc", dim, keep),
                    lib.linalg.matrix_norm(x, 2, dim, keep),
                    lib.linalg.matrix_norm(x, -2, dim, keep, dtype=lib.float64),
                ),
                x,
            )
    both(lambda lib, x: (x[:0].reshape(0, 4).norm("nuc"), lib.linalg.norm(x[:0].reshape(0, 4), 2)), np.zeros((1, 4)))
