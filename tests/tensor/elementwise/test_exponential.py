"""Logarithms, circular and hyperbolic functions, and what is made of them, against PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentTypeError
from side_by_side import A, B, Case, both, comparisons

RNG = np.random.default_rng(7)
RANGES = {
    "log1p": (-0.9, 3), "log2": (0.1, 9), "log10": (0.1, 9), "expm1": (-2, 2), "exp2": (-3, 3), "tan": (-1.5, 1.5),
    "asin": (-0.99, 0.99), "acos": (-0.99, 0.99), "atan": (-900, 900), "sinh": (-3, 3), "cosh": (-3, 3),
    "asinh": (-9, 9), "acosh": (1.01, 9), "atanh": (-0.99, 0.99), "erf": (-3, 3), "trunc": (-3, 3), "frac": (-3, 3),
    "reciprocal": (0.1, 3), "rsqrt": (0.1, 3), "logit": (0.01, 0.99),
}  # fmt: skip


@pytest.mark.parametrize("name", RANGES)
def test_values_and_gradients(name: str) -> None:
    x = RNG.uniform(*RANGES[name], (3, 4))
    both(lambda library, x: getattr(library, name)(x), x, tolerance=1e-9)
    both(lambda _, x: getattr(x, name)(), x.astype(np.float32), tolerance=3e-5 if name == "logit" else 2e-6)
    both(lambda _, x: getattr(x, name)(), np.zeros((0, 2)))


@pytest.mark.parametrize("name", [name for name in RANGES if name != "frac"])
def test_edges(name: str) -> None:
    edges = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-30], np.float32)
    both(lambda library, x: getattr(library, name)(x.detach()), edges)


@pytest.mark.parametrize("name", ["log1p", "exp2", "atan", "erf", "reciprocal", "trunc"])
@pytest.mark.parametrize("dtype", ["int64", "uint8"])
def test_integers(name: str, dtype: str) -> None:
    both(lambda library, x: getattr(library, name)(x), np.array([1, 2, 3], dtype))


def test_small_numbers_keep_their_digits() -> None:
    both(lambda library, x: library.log1p(x), np.array([1e-20, -1e-17]), tolerance=1e-30)
    both(lambda library, x: library.expm1(x), np.array([1e-20, -1e-17]), tolerance=1e-30)


def test_combinations() -> None:
    a, b, c = RNG.uniform(0.5, 2, (3, 2, 3))
    both(lambda library, a, b: library.lerp(a, b, 0.25), a, b)
    both(lambda library, a, b, c: library.lerp(a, b, c), a, b, c)
    both(lambda library, a, b, c: library.addcmul(a, b, c, value=0.5), a, b, c)
    both(lambda library, a, b, c: library.addcdiv(a, b, c, value=-2), a, b, c)
    both(lambda library, x: library.logit(x, eps=0.1), RNG.random((3, 3)))


@pytest.mark.parametrize("given", [{}, {"nan": 2.0}, {"posinf": 5.0, "neginf": -7.0}])
def test_numbers_for_what_is_none(given: dict[str, float]) -> None:
    x = np.array([np.nan, np.inf, -np.inf, 1.5, -0.0], np.float32)
    both(lambda library, x: library.nan_to_num(x, **given), x)
    both(lambda library, x: library.nan_to_num(x, **given), np.arange(3))


@pytest.mark.parametrize("equal_nan", [False, True])
def test_near_numbers(equal_nan: bool) -> None:
    a = np.array([1.0, 1.0, np.inf, np.inf, np.nan, 0.0, -np.inf])
    b = np.array([1.000001, 1.1, np.inf, -np.inf, np.nan, 1e-9, 3.0])
    both(lambda library, a, b: library.isclose(a.detach(), b.detach(), equal_nan=equal_nan), a, b)


def test_what_is_no_tensor_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="erf\\(\\): argument 'input' must be Tensor, not str"):
        knoll.erf("a")


C = np.abs(A) + 0.5
COMPARED: dict[str, Case] = {
    "erfc": (lambda t, a: t.erfc(a), (A,)),
    "erfc far out": (lambda t, a: t.erfc(a) / t.erfc(a.detach()), (np.array([-7.0, 0.5, 2.5, 6.0, 25.0]),)),
    "erfinv": (lambda t, a: t.erfinv(a), (np.array([[0.0, -0.3, 0.84], [0.86, -0.999999, 1 - 1e-15]]),)),
    "erfinv at the edge": (lambda t, a: t.erfinv(a.detach()), (np.array([1.0, -1.0, 1.5, math.nan]),)),
    "xlogy": (lambda t, a, b: t.xlogy(a, b), (A, C)),
    "logaddexp": (lambda t, a, b: t.logaddexp(a, b), (A, B)),
    "logaddexp2": (lambda t, a, b: t.logaddexp2(a, b), (A, B)),
    **{
        f"{name} of {given} and truths": (
            lambda t, a, name=name, given=given: getattr(t, name)(
                a.detach().to(getattr(t, given)), t.tensor([True, False, True, False])
            ),
            (A,),
        )
        for name in ("logaddexp", "logaddexp2")
        for given in ("float32", "float64")
    },
    **{
        f"ldexp of {given} by {exponent}": (
            lambda t, a, given=given, exponent=exponent: t.ldexp(
                a.detach().to(getattr(t, given)), t.tensor([0, 1, 5, 20]).to(getattr(t, exponent))
            ),
            (A / 64,),
        )
        for given in ("float16", "float32", "float64", "int32")
        for exponent in ("int8", "int64", "float32")
    },
    "ldexp": (lambda t, a: t.ldexp(a, t.tensor([1, 2, 3, 4])), (A,)),
    "float_power": (lambda t, a: t.float_power(a, 3), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
