"""Quantiles, medians and modes against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import WHOLE, ZEROS, A, Case, Refused, X, both, comparisons, refusals, second_derivatives

NAN = np.array([[1.0, np.nan, 3.0, 2.0], [np.nan] * 4, [4.0, 5.0, np.nan, 3.0]])
COMPARED: dict[str, Case] = {
    "quantile": (lambda t, a: t.quantile(a, 0.3), (A,)),
    "quantiles": (lambda t, a: t.quantile(a, t.tensor([0.1, 0.9], dtype=t.float64), 1, True), (A,)),
    "quantile nearest": (lambda t, a: t.quantile(a, 0.3, 1, interpolation="nearest"), (A,)),
    "quantile midpoint": (lambda t, a: t.quantile(a, 0.3, 1, interpolation="midpoint"), (A,)),
    "quantile of infinities": (lambda t, a: t.quantile(a.detach(), 0.5, 1, interpolation="higher"), (NAN,)),
    "quantile higher in float32": (
        lambda t, a: t.quantile(a.detach(), 0.1, interpolation="higher"),  # 0.1 of 10 is 1, though 0.1 is rounded up
        (np.arange(11, dtype=np.float32),),
    ),
    **{
        f"nanquantile {interpolation} of {dim} {keepdim} {q}": (
            lambda t, a, dim=dim, keepdim=keepdim, q=q, interpolation=interpolation: t.nanquantile(
                a,
                q if isinstance(q, float) else t.tensor(q, dtype=t.float64),
                dim,
                keepdim,
                interpolation=interpolation,
            ),
            (NAN[[0, 2]],),
        )
        for interpolation in ("linear", "lower", "higher", "midpoint", "nearest")
        for dim, keepdim in ((None, False), (None, True), (0, False), (1, True), (-1, False))
        for q in (0.0, 0.3, 1.0, [0.1, 0.5, 0.9])
    },
    "nanquantile of NaN": (lambda t, a: t.nanquantile(a.detach(), 0.3, 1), (NAN,)),
    "no quantiles": (lambda t, a: t.quantile(a.detach(), t.zeros(0, dtype=t.float64), 1), (A,)),
    "nanquantile without axes": (lambda t, a: t.nanquantile(a, 0.3), (np.array(2.0),)),
    "quantile of NaN": (lambda t, a: t.quantile(a.detach(), 0.3, 1), (NAN,)),
    "kthvalue": (lambda t, a: tuple(t.kthvalue(a, 2, 1, True)), (A,)),
    "mode": (lambda t, a: t.mode(a)[0], (WHOLE,)),
    "nanmedian": (lambda t, a: t.nanmedian(a), (NAN[0],)),
    "nanmedian rows": (lambda t, a: tuple(t.nanmedian(a, 1)), (NAN[[0, 2]],)),
    "nanmedian of NaN": (lambda t, a: t.nanmedian(a.detach(), 1)[0], (NAN,)),
    "nanmedian columns": (lambda _, a: tuple(a.nanmedian(0, True)), (NAN,)),
    "nanmedian of nothing": (lambda t, a: t.nanmedian(a), (np.zeros(0),)),
    "nanmedian of no integers": (lambda t, a: t.nanmedian(a), (np.zeros(0, np.int64),)),
    "nanmedian of one": (lambda t, a: tuple(t.nanmedian(a, 0)), (np.array(3.0),)),
    "nanmedian integers": (lambda t, a: t.nanmedian(a), (WHOLE,)),
    "median of integers": (lambda t, a: t.median(a), (np.zeros(0, np.int64),)),
}
REFUSED: dict[str, Refused] = {
    "nanmedian truths": lambda t: t.nanmedian(t.tensor([True])),
    "median truths": lambda t: t.median(t.tensor([True])),
    "nanmedian of nothing": lambda t: t.nanmedian(t.zeros(2, 0), 1),
    "quantile": lambda t: t.quantile(t.ones(2), 1.5),
    "nanquantile": lambda t: t.nanquantile(t.ones(2), -1.0),
    "quantiles": lambda t: t.quantile(t.ones(2), t.tensor([0.1, -1.0])),
    "quantiles of another type": lambda t: t.quantile(t.ones(2), t.tensor([0.1], dtype=t.float64)),
    "nanquantile of integers": lambda t: t.nanquantile(t.ones(2).long(), 0.5),
    "nanquantile of nothing": lambda t: t.nanquantile(t.ones(0), 0.5),
    "nanquantile of another kind": lambda t: t.nanquantile(t.ones(2), 0.5, interpolation="cubic"),
    "kthvalue": lambda t: t.kthvalue(t.ones(2), 3),
    "median of nothing": lambda t: t.zeros(0).median(0),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_second_derivatives_as_in_pytorch = second_derivatives(COMPARED, ["nanmedian rows"])
test_refused_as_in_pytorch = refusals(REFUSED)


def test_the_middle() -> None:
    edges = np.array([[np.inf, 1.0], [-np.inf, -np.inf], [np.nan, 2.0], [800.0, 800.0]])
    both(lambda _, x: (x.detach().median(1).values, x.detach().median()), edges)
    both(lambda lib, x: (x.median(), x.median(0).values, *lib.median(x, -1, keepdim=True)), X)
    both(lambda lib, x: (x.detach().median(), lib.median(x.detach(), 0).values), ZEROS)
    both(lambda lib, x: (x.median(), lib.median(x, 0).values), np.array([[3, 1, 2], [5, 4, 6]]))
    both(lambda _, x: x.detach().median(axis=1).values, X)


@pytest.mark.parametrize("numbers", [[1, 2, 2, 2, 5], [0] * 6, [3, 1, 2], [-np.inf, 1, -np.inf], [np.inf, 1, np.inf]])
@pytest.mark.parametrize("name", ["median", "nanmedian"])
def test_the_middle_of_all_shares_its_gradient_out(name: str, numbers: list[float]) -> None:
    both(lambda _, x: getattr(x, name)(), np.array(numbers, np.float64))
    both(lambda _, x: getattr(x, name)() * 2, np.array([*numbers, np.nan]))


@pytest.mark.parametrize(
    "name", ["sort", "topk", "median", "nanmedian", "mode", "kthvalue", "cummax", "cummin", "max", "min"]
)
def test_the_value_of_a_single_number_is_a_copy(name: str) -> None:
    x = knoll.tensor(1.5)
    values = getattr(x, name)(*{"topk": (1,), "kthvalue": (1,)}.get(name, (0,))).values
    x.zero_()
    assert values == 1.5


@pytest.mark.pytorch
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "float32", "bool"])
def test_the_most_frequent_number_of_each_type(torch: Any, dtype: str) -> None:
    numbers = [[3, 3, 1, 0], [1, 3, 2, 2], [7, 5, 7, 5], [1, 1, 1, 1]]
    found = [lib.mode(lib.tensor(numbers).to(getattr(lib, dtype)), 1) for lib in (knoll, torch)]
    assert [part.tolist() for part in found[0]] == [part.tolist() for part in found[1]]


@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_quantiles_of_a_single_number_keep_no_dimension(name: str) -> None:
    made = getattr(knoll, name)(knoll.tensor(3.0), knoll.tensor([0.0, 0.5]), dim=0, keepdim=True)
    assert made.tolist() == [3, 3]
    assert getattr(knoll, name)(knoll.tensor(3.0), 0.5, dim=0, keepdim=True).shape == ()


def test_a_quantile_at_infinity_is_infinite() -> None:  # where PyTorch has ∞ − ∞
    x = knoll.tensor([-np.inf, 1.0, np.inf])
    assert knoll.quantile(x, knoll.tensor([0.0, 0.5, 1.0])).tolist() == [-np.inf, 1.0, np.inf]
    assert knoll.nanquantile(x, 1.0).item() == np.inf
