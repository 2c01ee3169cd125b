"""A halo that is cleared is zero, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.kernels.layout.clear_halo import ClearHalo
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from single_kernel import run


@machines
@elements
@pytest.mark.parametrize("halo", [((1, 1), (1, 1)), ((0, 2), (3, 0)), ((2, 0), (0, 0)), ((0, 0), (1, 2))])
@pytest.mark.parametrize("block", [1, 3, 16])
def test_only_the_halo_becomes_zero(
    machine: Machine, dtype: str, halo: tuple[tuple[int, int], tuple[int, int]], block: int
) -> None:
    images = Images(20, 5, 4, block, halo)
    memory = np.ones(2 * images.size, dtype)
    run(ClearHalo(machine, dtype, images), memory, count=2)
    (above, below), (left, _) = halo
    for sample in memory.reshape(2, -1):
        planes = sample[: images.blocks * images.plane].reshape(images.blocks, above + 5 + below, -1, block)
        expected = np.zeros_like(planes)
        expected[:, above : above + 5, left : left + 4] = 1
        np.testing.assert_array_equal(planes, expected)
        assert (sample[images.blocks * images.plane :] == 1).all()
