"""One number over all elements of every sample."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.kernels.reduction.expand import Expand
from knoll.machine import Machine
from single_kernel import run


@machines
@elements
@pytest.mark.parametrize("size", [1, 16, 37, 2500])
@pytest.mark.parametrize("scale", [None, 0.5])
def test_every_element_has_its_share(machine: Machine, dtype: str, size: int, scale: float | None) -> None:
    kernel, dy, dx = Expand(machine, dtype, size, scale), np.array([3.0], dtype), np.full(2 * size + 1, -1, dtype)
    for part in range(kernel.parts):
        run(kernel, dy, dx, count=2, first_part=part, last_part=part + 1, batch=4)
    expected = np.asarray(3.0 * (0.5 if scale else 1 / (4 * size))).astype(dtype)
    np.testing.assert_allclose(dx[:-1], expected, rtol=1e-7 if dtype == "float32" else 1e-15)
    assert len(np.unique(dx[:-1])) == 1
    assert dx[-1] == -1
