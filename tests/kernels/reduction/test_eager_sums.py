"""Sums of arrays of any size: whole numbers, whose sums are exact, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.graph.sizes import ceil_div
from knoll.kernels.reduction.eager_sums import EagerSums
from knoll.kernels.reduction.sums import CHUNK
from knoll.machine import Machine
from knoll.run.single_step import EagerKernel

SIZES = [1, 2, 15, 16, 17, 63, 64, 65, 1000, 1023 * 64 + 70]


def whole(dtype: str, *shape: int) -> np.ndarray:
    """Whole numbers, few of which are alike."""
    return np.random.default_rng(0).integers(-9, 10, shape).astype(dtype)


@machines
@elements
@pytest.mark.parametrize("at_once", [1, 3])
def test_rows(machine: Machine, dtype: str, at_once: int) -> None:
    kernel = EagerKernel(EagerSums(machine, dtype, False))
    for size in SIZES:
        x, place = whole(dtype, 7, size), np.full(9, 5, dtype)
        kernel.run(ceil_div(7, at_once), x.size, [7, size, at_once], [x, place])
        np.testing.assert_array_equal(place, [*x.sum(1), 5, 5])


@machines
@elements
@pytest.mark.parametrize("outer", [1, 3])
def test_beside_the_axis(machine: Machine, dtype: str, outer: int) -> None:
    kernel = EagerKernel(EagerSums(machine, dtype, True))
    for inner in (2, 16, 65, 200, CHUNK, 2 * CHUNK + 77):
        for size in (1, 2, 1030):
            x, place = whole(dtype, outer, size, inner), np.full(outer * inner + 64, 5, dtype)
            chunks = ceil_div(inner, CHUNK)
            kernel.run(outer * chunks, x.size, [size, inner, chunks], [x, place])
            np.testing.assert_array_equal(place[:-64], x.sum(1).ravel())
            assert (place[-64:] == 5).all()
