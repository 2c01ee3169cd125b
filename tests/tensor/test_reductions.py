"""Sums, means, extremes and orders against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from side_by_side import A, Case, both, comparisons, same_refusal

import knoll

RNG = np.random.default_rng(6)
X = RNG.standard_normal((2, 3, 4))
DIMS: list[Any] = [None, 0, -1, (0, 2), (-1, 1)]


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std"])
def test_over_dimensions(name: str, dim: Any, keepdim: bool) -> None:
    both(lambda _, x: getattr(x, name)(dim=dim, keepdim=keepdim), X)


@pytest.mark.parametrize("dim", [0, -1, (0, 2)])
@pytest.mark.parametrize("name", ["amax", "amin"])
def test_extremes_over_dimensions(name: str, dim: Any) -> None:
    both(lambda _, x: getattr(x, name)(dim, keepdim=True), np.round(X))


@pytest.mark.parametrize("name", ["sum", "max", "min", "any", "all", "argmax", "argmin"])
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float32"])
def test_element_types(name: str, dtype: str) -> None:
    both(lambda _, x: getattr(x, name)(), np.array([[3, 1], [0, 3]], dtype))


@pytest.mark.parametrize("name", ["sum", "any", "all"])
def test_truth(name: str) -> None:
    both(lambda _, x: (getattr(x, name)(), getattr(x, name)(0)), np.array([[True, False], [True, True]]))


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_along(name: str, dim: int, keepdim: bool) -> None:
    both(lambda _, x: getattr(x, name)(dim, keepdim), X)
    both(lambda lib, x: getattr(lib, f"arg{name}")(x, dim, keepdim), X)


def test_named_results() -> None:
    values, indices = knoll.tensor([[1, 5], [4, 2]]).max(1)
    assert values.tolist() == [5, 4]
    assert knoll.tensor([[1, 5], [4, 2]]).max(dim=1).indices.tolist() == indices.tolist() == [1, 0]


def test_extremes_of_everything_share_the_gradient() -> None:
    both(lambda _, x: (x.max(), x.min()), np.array([[1.0, 3.0], [3.0, 1.0]]))


def test_no_number_is_the_extreme() -> None:
    x = np.array([[1.0, np.nan, 3.0], [np.nan, 0.0, np.nan]])
    both(lambda _, x: (x.detach().max(1), x.detach().argmin(1), x.detach().max()), x)


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
    with pytest.raises(NotImplementedError, match="nuclear"):
        knoll.ones(2, 2).norm("nuc")


def test_orders() -> None:
    x = RNG.permutation(24).reshape(4, 6).astype(float)
    both(lambda _, x: (x.sort(), x.sort(0, descending=True), x.argsort(1)), x)
    both(lambda _, x: (x.topk(2), x.topk(3, 0), x.topk(2, largest=False)), x)
    both(lambda _, x, i: x.gather(1, i), x, RNG.integers(0, 6, (4, 3)))


def test_given_element_type() -> None:
    both(lambda lib, x: (x.sum(dtype=lib.float64), x.mean(dtype=lib.float32)), np.array([1, 2, 4]))


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2, 3).sum(2))
    same_refusal(lambda lib: lib.ones(2, 3).sum((0, 0)))
    same_refusal(lambda lib: lib.tensor([1, 2]).mean())
    same_refusal(lambda lib: lib.zeros(0).max())
    same_refusal(lambda lib: lib.zeros(0).argmax())
    same_refusal(lambda lib: lib.zeros(0, 3).max(0))
    same_refusal(lambda lib: lib.zeros(0, 3).argmin(0))
    same_refusal(lambda lib: lib.ones(3).topk(4))


def test_axes_by_numpys_names() -> None:
    both(lambda _, x: (x.sum(axis=1), x.mean(axis=(0, 2), keepdims=True), x.amax(axis=0), x.max(axis=1)), X)


def test_no_axis() -> None:
    both(lambda _, x: (x.any(()), x.all(dim=()), x.sum(())), np.array([[0, 2], [1, 0]]))
    both(lambda lib, x: x.sum(dtype=lib.bool), np.array([[0, 2], [1, 0]]))


def test_gather_as_pytorch() -> None:
    both(
        lambda lib, x: (lib.tensor(5).gather(0, lib.tensor(0)), x.gather(0, lib.tensor([[1, 0]]))),
        np.arange(6).reshape(2, 3),
    )
    for index in ([[0, -1]], [[3]], [0]):
        same_refusal(lambda lib, index=index: lib.arange(6).reshape(2, 3).gather(1, lib.tensor(index)))  # type: ignore[misc]


@pytest.mark.parametrize("numbers", [[1, 2, 2, 2, 5], [0] * 6, [3, 1, 2], [-np.inf, 1, -np.inf], [np.inf, 1, np.inf]])
@pytest.mark.parametrize("name", ["median", "nanmedian"])
def test_the_middle_of_all_shares_its_gradient_out(name: str, numbers: list[float]) -> None:
    both(lambda _, x: getattr(x, name)(), np.array(numbers, np.float64))
    both(lambda _, x: getattr(x, name)() * 2, np.array([*numbers, np.nan]))


NAN = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, np.nan]])
COMPARED: dict[str, Case] = {
    "std_mean": (lambda t, a: t.std_mean(a, 1), (A,)),
    "var_mean": (lambda t, a: t.var_mean(a, 0, unbiased=False), (A,)),
    "nansum": (lambda t, a: t.nansum(a, 1), (NAN,)),
    "nanmean": (lambda t, a: t.nanmean(a, 1), (NAN,)),
    "sum_to_size": (lambda _, a: a.sum_to_size(1, 4), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
