"""Tensors joined along axes, as blocks and as combinations, against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from side_by_side import A, B, Case, both, same_refusal, second

import knoll

WHOLE = np.array([3, 1, 3, 2])
COMPARED: dict[str, Case] = {
    "hstack": (lambda t, a, b: t.hstack((a, b)), (A, B)),
    "hstack vectors": (lambda t, a, b: t.hstack((a[0], b[0])), (A, B)),
    "vstack": (lambda t, a, b: t.vstack((a[0], b)), (A, B)),
    "dstack": (lambda t, a, b: t.dstack((a, b)), (A, B)),
    "column_stack": (lambda t, a, b: t.column_stack((a[:, 0], b)), (A, B)),
    "concat": (lambda t, a, b: t.concat((a, b), axis=1), (A, B)),
    "block_diag": (lambda t, a, b: t.block_diag(a, b[0]), (A, B)),
    "cartesian_prod": (lambda t, a, b: t.cartesian_prod(a[0], b[:, 0]), (A, B)),
    "combinations": (lambda t, a: t.combinations(a[0]), (A,)),
    "combinations of three": (lambda t, a: t.combinations(a[0], 3), (A,)),
    "combinations again": (lambda t, a: t.combinations(a[0], 2, with_replacement=True), (A,)),
    "combinations of more": (lambda t, a: t.combinations(a, 5), (WHOLE,)),
    "combinations of none": (lambda t, a: t.combinations(a, 0), (WHOLE,)),
}
REFUSED: dict[str, Callable[[Any], object]] = {
    "combinations rank": lambda t: t.combinations(t.ones(2, 2)),
    "combinations number": lambda t: t.combinations(t.ones(2), -1),
}


@pytest.mark.parametrize("name", COMPARED)
def test_results_and_gradients_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    both(call, *arrays, tolerance=1e-7)


@pytest.mark.parametrize("name", ["combinations"])
def test_second_derivatives_as_in_pytorch(name: str) -> None:
    call, arrays = COMPARED[name]
    second(call, *arrays, tolerance=1e-6)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_as_in_pytorch(name: str) -> None:
    same_refusal(REFUSED[name])


def test_a_network_of_joined_parts_stays_one_program() -> None:
    class Net(knoll.nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return knoll.hstack((knoll.atan2(x, x + 1), knoll.diagonal(x[:, :2]).unsqueeze(1).expand(-1, 2)))

    x = knoll.rand(2, 4)
    np.testing.assert_array_equal(Net()(x), Net().forward(x))
