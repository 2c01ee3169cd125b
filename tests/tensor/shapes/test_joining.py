"""Tensors joined along axes, as blocks and as combinations, against PyTorch."""

from __future__ import annotations

import numpy as np

import knoll
from side_by_side import WHOLE, A, B, Case, Refused, comparisons, refusals, second_derivatives

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
    "combinations of more": (lambda t, a: t.combinations(a, 5), (WHOLE[:4],)),
    "combinations of none": (lambda t, a: t.combinations(a, 0), (WHOLE[:4],)),
}
REFUSED: dict[str, Refused] = {
    "combinations rank": lambda t: t.combinations(t.ones(2, 2)),
    "combinations number": lambda t: t.combinations(t.ones(2), -1),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_second_derivatives_as_in_pytorch = second_derivatives(COMPARED, ["combinations"])
test_refused_as_in_pytorch = refusals(REFUSED)


def test_a_network_of_joined_parts_stays_one_program() -> None:
    class Net(knoll.nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return knoll.hstack((knoll.atan2(x, x + 1), knoll.diagonal(x[:, :2]).unsqueeze(1).expand(-1, 2)))

    x = knoll.rand(2, 4)
    np.testing.assert_array_equal(Net()(x), Net().forward(x))
