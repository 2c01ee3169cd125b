"""Elements gathered by index against PyTorch."""

from __future__ import annotations

import numpy as np

from side_by_side import A, Case, both, comparisons, same_refusal

RNG = np.random.default_rng(6)
COMPARED: dict[str, Case] = {
    "take": (lambda t, a: t.take(a, t.tensor([[0, 5], [5, -1]])), (A,)),
    "gather axis": (lambda t, a: t.gather(a, axis=1, index=t.zeros(3, 1, dtype=t.int64)), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_gather_along_rows() -> None:
    both(lambda _, x, i: x.gather(1, i), RNG.standard_normal((4, 6)), RNG.integers(0, 6, (4, 3)))


def test_gather_as_pytorch() -> None:
    both(
        lambda lib, x: (lib.tensor(5).gather(0, lib.tensor(0)), x.gather(0, lib.tensor([[1, 0]]))),
        np.arange(6).reshape(2, 3),
    )
    for index in ([[0, -1]], [[3]], [0]):
        same_refusal(lambda lib, index=index: lib.arange(6).reshape(2, 3).gather(1, lib.tensor(index)))
