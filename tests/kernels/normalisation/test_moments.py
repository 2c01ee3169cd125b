"""Means of rows and the squares of the distances from them, of rows of any length and of numbers far from zero."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.kernels.normalisation.moments import PIECE, moments
from knoll.llvm.builder import KernelBuilder
from knoll.machine import Machine
from single_kernel import emitted

pytestmark = [machines, elements]


@pytest.mark.parametrize("length", [3, 37, PIECE, 3 * PIECE + 5])
def test_rows_of_one_number_have_no_variance(length: int, dtype: str, machine: Machine) -> None:
    x, lanes = np.full((1, length), 3, dtype), machine.lanes(np.dtype(dtype))
    found = np.ones((2, lanes), dtype)

    def write(k: KernelBuilder) -> None:
        for place, number in enumerate(moments(k, [k.pointers[0]], length, True)):
            k.store(number, k.pointers[1] + place * lanes * k.bytes)

    emitted(machine, dtype, write, x, found)
    np.testing.assert_array_equal(found, [[3] * lanes, [0] * lanes])


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(("rows", "length"), [(1, 3), (4, 37), (2, 64), (1, PIECE), (1, 2 * PIECE), (1, 3 * PIECE + 5)])
def test_moments(rows: int, length: int, centred: bool, dtype: str, machine: Machine) -> None:
    x = (np.random.default_rng(length).standard_normal((rows, length)) + 100).astype(dtype)
    lanes = machine.lanes(np.dtype(dtype))
    found = np.zeros((2, rows, lanes), dtype)

    def write(k: KernelBuilder) -> None:
        given, results = k.pointers
        mean, squares = moments(k, [given + row * length * k.bytes for row in range(rows)], length, centred)
        for place, number in enumerate((mean, squares)):
            with k.wider(rows):
                k.store(number, results + place * rows * lanes * k.bytes)

    emitted(machine, dtype, write, x, found)
    wide = x.astype(np.float64)
    mean = wide.mean(1, keepdims=True) if centred else np.zeros((rows, 1))
    squares = np.square(wide - mean).sum(1, keepdims=True)
    for mine, truth in zip(found, (mean, squares), strict=True):
        np.testing.assert_allclose(mine, np.broadcast_to(truth, mine.shape), rtol=64 * np.finfo(dtype).eps)
