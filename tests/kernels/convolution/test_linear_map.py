"""A constant matrix times vectors: the product, with fewer operations where rows mirror each other."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from knoll.kernels.convolution.cook_toom import Matrix, transforms
from knoll.kernels.convolution.linear_map import combined, mapped, transposed
from knoll.llvm.builder import KernelBuilder
from knoll.machine import host
from single_kernel import emitted

T = transforms(4, 3)
MIXED: Matrix = tuple(tuple(map(Fraction, row)) for row in ((1, 2, 0), (1, -2, 0), (0, 0, 3), (-1, 5, 1)))
MATRICES = {"outputs": T.a, "inputs": T.b, "weights": T.g, "mixed": MIXED, "wide": transposed(MIXED)}


@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_each_result_is_a_row_times_the_vectors(matrix: Matrix) -> None:
    lanes = host().lanes(np.dtype(np.float64))
    x, y = np.random.default_rng(0).standard_normal((len(matrix[0]), lanes)), np.empty((len(matrix), lanes))

    def write(k: KernelBuilder) -> None:
        vectors = [k.load(k.pointers[0] + i * lanes * k.bytes) for i in range(len(x))]
        for i, result in enumerate(mapped(k, matrix, vectors)):
            k.store(result, k.pointers[1] + i * lanes * k.bytes)

    emitted(host(), "float64", write, x, y)
    np.testing.assert_allclose(y, np.array(matrix, float) @ x, atol=1e-13)


@pytest.mark.parametrize("matrix", [transforms(4, 5).b, T.a], ids=["inputs", "outputs"])
def test_rows_and_columns_that_mirror_each_other_share_their_halves(matrix: Matrix) -> None:
    def write(k: KernelBuilder) -> None:
        vectors = [k.zero()] * len(matrix[0])
        mapped(k, matrix, vectors)
        shared = k.length
        for row in matrix:
            combined(k, [(c, v) for c, v in zip(row, vectors, strict=True) if c])
        assert shared < k.length - shared

    emitted(host(), "float64", write)


def test_rows_become_columns() -> None:
    assert transposed(transposed(MIXED)) == MIXED
    assert transposed(MIXED)[1] == (2, -2, 0, 5)
