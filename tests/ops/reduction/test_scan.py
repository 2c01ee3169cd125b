"""Running sums, products and elements put at places against plain loops, and their gradients against differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import knoll
from knoll.ops.reduction import scan

RNG = np.random.default_rng(0)
INDEX = np.array([[0, 2, 2, 1], [1, 1, 0, 0]])
X = np.array([[1.5, 0.0, -2.0, 0.5], [0.0, 3.0, 0.0, -1.0], [2.0, -0.5, 1.0, 4.0]])
FUNCTIONS: dict[str, Callable[[knoll.Tensor], knoll.Tensor]] = {
    "cumsum": lambda x: x.cumsum(1),
    "cumprod": lambda x: x.cumprod(0),
    "cumprod of rows": lambda x: x.cumprod(1),
    "prod": lambda x: x.prod(1),
    "prod of all": lambda x: x[:1, ::2].prod(),
    "scatter": lambda x: x.scatter(0, knoll.tensor(INDEX[:, :1]), x[:2, 1:2] * 2),
    "scatter_add": lambda x: x.scatter_add(0, knoll.tensor(INDEX), x[:2] * x[1:]),
}


def test_running_sums_and_products_are_those_of_a_loop() -> None:
    (sums,), (products,) = scan.cumsum_meaning(X, axis=1), scan.cumprod_meaning(X, axis=1)
    for row in range(3):
        total, product = 0.0, 1.0
        for column in range(4):
            total, product = total + X[row, column], product * X[row, column]
            assert (sums[row, column], products[row, column]) == (total, product)


def test_elements_are_put_and_added_as_by_a_loop() -> None:
    source = RNG.standard_normal((2, 4))
    put, added = X.copy(), X.copy()
    for row, column in np.ndindex(2, 4):
        added[INDEX[row, column], column] += source[row, column]
    np.testing.assert_array_equal(scan.scatter_add_meaning(X, INDEX, source, axis=0)[0], added)
    first = INDEX[:1]
    for column in range(4):
        put[first[0, column], column] = source[0, column]
    np.testing.assert_array_equal(scan.scatter_meaning(X, first, source, axis=0)[0], put)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_slopes(name: str) -> None:
    function, weights = FUNCTIONS[name], RNG.standard_normal(40)

    def total(x: knoll.Tensor) -> knoll.Tensor:
        y = function(x).reshape(-1)
        return (y * knoll.tensor(weights[: y.numel()])).sum()

    x = knoll.tensor(X, requires_grad=True)
    total(x).backward()
    assert x.grad is not None
    for place in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[place] = 1e-6
        slope = (total(knoll.tensor(X + step)).item() - total(knoll.tensor(X - step)).item()) / 2e-6
        assert x.grad[place].item() == pytest.approx(slope, rel=1e-6, abs=1e-7)
