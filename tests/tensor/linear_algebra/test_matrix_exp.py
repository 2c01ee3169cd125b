"""The exponential of matrices: PyTorch's results and gradients, of every size, and second gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import both, same_refusal, second

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("scale", [0.0, 1e-9, 0.1, 1.0, 7.0, 30.0])
@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (2, 3, 5, 5)])
def test_as_pytorch(scale: float, shape: tuple[int, ...]) -> None:
    matrix = scale * RNG.standard_normal(shape) / np.sqrt(shape[-1])
    both(lambda lib, x: lib.matrix_exp(x) / lib.linalg.matrix_exp(x).abs().max(), matrix, tolerance=1e-9)


def test_gradients_of_gradients() -> None:
    second(lambda lib, x: lib.linalg.matrix_exp(x), RNG.standard_normal((3, 3)), tolerance=1e-8)


def test_a_skew_symmetric_matrix_gives_an_orthogonal_one() -> None:
    a = RNG.standard_normal((6, 6)).astype(np.float32) * 3
    made = knoll.matrix_exp(knoll.tensor(a - a.T)).numpy()
    np.testing.assert_allclose(made @ made.T, np.eye(6), atol=2e-5)


def test_edges_and_refusals() -> None:
    assert knoll.matrix_exp(knoll.zeros(0, 2, 2)).shape == (0, 2, 2)
    assert knoll.matrix_exp(knoll.zeros(0, 0)).shape == (0, 0)
    wrong: list[Any] = [
        lambda lib: lib.matrix_exp(lib.zeros(2)),
        lambda lib: lib.matrix_exp(lib.zeros(2, 3)),
        lambda lib: lib.matrix_exp(lib.zeros(2, 2, dtype=lib.int64)),
    ]
    for call in wrong:
        same_refusal(call)
