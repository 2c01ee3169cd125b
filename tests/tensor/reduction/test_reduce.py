"""Sums, products, means, variances and truths over axes, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import ZEROS, A, Case, X, both, comparisons, same_refusal

RNG = np.random.default_rng(6)
DIMS: list[Any] = [None, 0, -1, (0, 2), (-1, 1)]


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std"])
def test_over_dimensions(name: str, dim: Any, keepdim: bool) -> None:
    both(lambda _, x: getattr(x, name)(dim=dim, keepdim=keepdim), X)


@pytest.mark.parametrize("name", ["sum", "max", "min", "any", "all", "argmax", "argmin"])
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float32"])
def test_element_types(name: str, dtype: str) -> None:
    both(lambda _, x: getattr(x, name)(), np.array([[3, 1], [0, 3]], dtype))


@pytest.mark.parametrize("name", ["sum", "any", "all"])
def test_truth(name: str) -> None:
    both(lambda _, x: (getattr(x, name)(), getattr(x, name)(0)), np.array([[True, False], [True, True]]))


def test_without_dimensions() -> None:
    both(lambda _, x: (x.sum(), x.sum(0), x.mean(-1), x.max(), x.max(0), x.argmax(), x.argmax(0)), np.array(2.5))


def test_of_nothing() -> None:
    both(lambda _, x: (x.sum(), x.sum(0), x.sum(1), x.mean(1)), np.zeros((0, 3)))


@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((False,), {}),
        ((True,), {}),
        ((0, False), {}),
        ((1, False, True), {}),
        ((None, False), {}),
        (((0, 2), True), {"keepdim": True}),
        ((0,), {"correction": 0}),
        ((0,), {"correction": 0.5}),
        ((), {"correction": 0, "keepdim": True}),
    ],
)
def test_variance_takes_the_flag_and_the_correction(name: str, args: Any, kwargs: Any) -> None:
    both(lambda _, x: getattr(x, name)(*args, **kwargs), X)
    both(lambda lib, x: getattr(lib, name)(x, *args, **kwargs), X)


@pytest.mark.parametrize("numbers", [[3.0] * 4, [3.0, 3.0, 5.0, 3.0]])
def test_a_spread_of_nothing_has_no_slope(numbers: list[float]) -> None:
    """As lengths of nothing and angles without direction: 0, where the root of 0 has an infinite one."""
    x = np.array([numbers, [1.0, 2.0, 3.0, 4.0]])
    both(lambda _, x: x.std(1), x)
    both(lambda _, x: x.std(1, keepdim=True).square(), x)
    both(lambda lib, x: lib.std_mean(x, 1)[0], x)
    both(lambda _, x: (x - 3).norm(dim=1), x)
    both(lambda lib, x: lib.atan2(x - 3, x * 0), x)


@pytest.mark.parametrize("name", ["var", "std"])
def test_variance_of_float16_is_summed_with_room(name: str) -> None:
    both(
        lambda _, x: getattr(x, name)(),
        100 * np.ones((40, 50), np.float16) + RNG.standard_normal((40, 50)),
        tolerance=1e-3,
    )


@pytest.mark.parametrize("name", ["var", "std"])
def test_variance_refuses_what_is_neither_flag_nor_axis(name: str) -> None:
    for call in (
        lambda x: getattr(x, name)(0, 2),
        lambda x: getattr(x, name)(True, True),
        lambda x: getattr(x, name)(False, keepdim=True),
        lambda x: getattr(x, name)(unbiased=False, correction=1),
        lambda x: getattr(x, name)(0.5),
    ):
        with pytest.raises(TypeError, match=rf"{name}\(\)"):
            call(knoll.tensor(X))
    same_refusal(lambda lib: getattr(lib.tensor([1, 2]), name)())
    with pytest.warns(UserWarning, match="degrees of freedom"):
        assert np.isnan(getattr(knoll.tensor([1.0]), name)().item())


def product(lib: Any, x: Any) -> Any:
    return x.prod(), x.prod(0), lib.prod(x, -1, keepdim=True)


@pytest.mark.parametrize("x", [X, ZEROS, X.astype(np.float32)], ids=["double", "zeros", "single"])
def test_products(x: Any) -> None:
    both(product, x, tolerance=1e-5 if x.dtype == np.float32 else 1e-9)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_a_product_of_nothing_has_gradients_of_gradients(shape: tuple[int, ...]) -> None:
    x = knoll.zeros(*shape, requires_grad=True)
    for axis in range(len(shape)):
        for keep in (False, True):
            made = x.prod(axis, keepdim=keep)
            (dx,) = knoll.autograd.grad(made.sum(), x, create_graph=True)
            dx.square().sum().backward()
            assert (dx.shape, made.tolist()) == (shape, knoll.ones(made.shape).tolist())


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_products_of_integers(dtype: str) -> None:
    both(product, np.array([[3, 1, 2], [5, 4, 6]], dtype))


def test_what_is_not_zero_is_counted() -> None:
    both(lambda lib, x: (x.count_nonzero(), lib.count_nonzero(x, 1)), np.array([[0, 1], [2, 0]]))


def test_given_element_type() -> None:
    both(lambda lib, x: (x.sum(dtype=lib.float64), x.mean(dtype=lib.float32)), np.array([1, 2, 4]))


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2, 3).sum(2))
    same_refusal(lambda lib: lib.ones(2, 3).sum((0, 0)))
    same_refusal(lambda lib: lib.tensor([1, 2]).mean())


def test_axes_by_numpys_names() -> None:
    both(lambda _, x: (x.sum(axis=1), x.mean(axis=(0, 2), keepdims=True), x.prod(axis=0, keepdims=True)), X)


def test_no_axis() -> None:
    both(lambda _, x: (x.any(()), x.all(dim=()), x.sum(())), np.array([[0, 2], [1, 0]]))
    both(lambda lib, x: x.sum(dtype=lib.bool), np.array([[0, 2], [1, 0]]))


NAN = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, np.nan]])
COMPARED: dict[str, Case] = {
    "std_mean": (lambda t, a: t.std_mean(a, 1), (A,)),
    "var_mean": (lambda t, a: t.var_mean(a, 0, unbiased=False), (A,)),
    "nansum": (lambda t, a: t.nansum(a, 1), (NAN,)),
    "nanmean": (lambda t, a: t.nanmean(a, 1), (NAN,)),
    "nansum in double precision": (lambda t, a: t.nansum(a.float(), 1, dtype=t.float64), (NAN,)),
    "nanmean in single precision": (lambda t, a: t.nanmean(a, 1, dtype=t.float32), (NAN,)),
    "sum_to_size": (lambda _, a: a.sum_to_size(1, 4), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
