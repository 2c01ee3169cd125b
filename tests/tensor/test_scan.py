"""Running sums and products, elements put at places, and counts, against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from side_by_side import WHOLE, A, B, Case, Refused, both, comparisons, refusals, same_refusal

RNG = np.random.default_rng(10)
X = RNG.standard_normal((2, 3, 4))
ZEROS = np.array([[1.0, 0.0, 2.0, 3.0], [0.0, 4.0, 0.0, 5.0], [1.0, 2.0, 3.0, 4.0]])
CALLS: dict[str, Callable[..., Any]] = {
    "cumsum": lambda lib, x: (x.cumsum(0), lib.cumsum(x, -1), x.cumsum(dim=1)),
    "cumprod": lambda lib, x: (x.cumprod(0), lib.cumprod(x, -1)),
    "prod": lambda lib, x: (x.prod(), x.prod(0), lib.prod(x, -1, keepdim=True)),
    "logsumexp": lambda lib, x: (x.logsumexp(0), lib.logsumexp(x, (0, -1)), x.logsumexp(1, keepdim=True)),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("x", [X, ZEROS, X.astype(np.float32)], ids=["double", "zeros", "single"])
def test_values_and_gradients(name: str, x: Any) -> None:
    both(CALLS[name], x, tolerance=1e-5 if x.dtype == np.float32 else 1e-9)


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "prod"])
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_integers(name: str, dtype: str) -> None:
    both(CALLS[name], np.array([[3, 1, 2], [5, 4, 6]], dtype))


def test_the_middle() -> None:
    both(lambda lib, x: (x.median(), x.median(0).values, *lib.median(x, -1, keepdim=True)), X)
    both(lambda lib, x: (x.detach().median(), lib.median(x.detach(), 0).values), ZEROS)
    both(lambda lib, x: (x.median(), lib.median(x, 0).values), np.array([[3, 1, 2], [5, 4, 6]]))


def test_infinite_and_missing_numbers() -> None:
    edges = np.array([[np.inf, 1.0], [-np.inf, -np.inf], [np.nan, 2.0], [800.0, 800.0]])
    both(lambda lib, x: lib.logsumexp(x.detach(), 1), edges)
    both(lambda _, x: (x.detach().median(1).values, x.detach().median()), edges)


@pytest.mark.parametrize("dim", [0, 1])
def test_elements_are_put_at_places(dim: int) -> None:
    index = np.array([[0, 2, 1], [1, 0, 2]]) if dim else np.array([[0, 1, 1], [1, 0, 0]])
    base, source = RNG.standard_normal((2, 3)), RNG.standard_normal((2, 3))
    both(lambda lib, x, s: x.scatter(dim, lib.tensor(index), s), base, source)
    both(lambda lib, x, s: lib.scatter_add(x, dim, lib.tensor(index), s), base, source)
    both(lambda lib, x: x.scatter(dim, lib.tensor(index), 2.5), base)
    both(lambda lib, x: lib.scatter(x, dim, lib.tensor(index), value=1.0), base)
    both(lambda lib, x: x.detach().scatter(dim, lib.tensor(index), 2.0, reduce="add"), base)


def test_one_hot_rows_by_scatter() -> None:
    both(lambda lib, labels: lib.zeros(4, 5).scatter(1, labels[:, None], 1.0), np.array([0, 3, 4, 1]))


def test_different_elements_and_their_counts() -> None:
    x = np.array([[3, 1, 3], [2, 1, 1]])
    both(lambda lib, x: (x.unique(), *lib.unique(x, return_inverse=True, return_counts=True)), x)
    both(lambda _, x: x.unique(dim=0), np.array([[1, 2], [0, 1], [1, 2]]))
    both(lambda lib, x: (lib.bincount(x), x.bincount(minlength=9)), np.array([0, 3, 3, 1]))
    both(lambda lib, x: lib.bincount(x, lib.tensor([0.5, 1.0, 2.0])), np.array([0, 2, 2]))
    both(lambda lib, x: (x.count_nonzero(), lib.count_nonzero(x, 1)), np.array([[0, 1], [2, 0]]))


def test_axes_by_numpys_name() -> None:
    both(lambda _, x: (x.prod(axis=0, keepdims=True), x.detach().median(axis=1).values), X)


@pytest.mark.parametrize("call", [
    lambda lib: lib.ones(2, 3).scatter(0, lib.tensor([[2]]), 1.0),
    lambda lib: lib.ones(2, 3).scatter(1, lib.tensor([0]), 1.0),
    lambda lib: lib.ones(2, 3).scatter_add(0, lib.tensor([[0]]), lib.ones(1, 1, dtype=lib.float64)),
    lambda lib: lib.ones(2, 3).cumsum(2),
    lambda lib: lib.zeros(0).median(0),
    lambda lib: lib.tensor([-1]).bincount(),
])  # fmt: skip
def test_refusals_are_pytorchs(call: Callable[[Any], Any]) -> None:
    same_refusal(call)


COMPARED: dict[str, Case] = {
    "cummax": (lambda t, a: tuple(t.cummax(a, 1)), (A,)),
    "cummin": (lambda t, a: tuple(t.cummin(a, 0)), (A,)),
    "cummax ties": (lambda t, a: tuple(t.cummax(a, 0)), (WHOLE,)),
    "diff": (lambda t, a, b: t.diff(a, 2, 0, prepend=b), (A, B)),
    "axis": (lambda t, a: (a.cumsum(axis=1), t.unsqueeze(a, axis=0), a.sum(axis=0, keepdims=True)), (A,)),
}
REFUSED: dict[str, Refused] = {
    "diff": lambda t: t.diff(t.tensor(1.0)),
    "cumsum": lambda t: t.ones(2).cumsum(),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)
