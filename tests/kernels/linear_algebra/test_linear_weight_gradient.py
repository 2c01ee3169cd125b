"""The weight gradient of a linear layer: its hot loop, and columns times columns by NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from hot_loops import leaves_the_stack_alone, on_fused_machines
from knoll.kernels.linear_algebra.linear_weight_gradient import BLOCK, LinearWeightGradient
from knoll.machine import Machine, host
from single_kernel import run

FEATURES = [(1024, 64), (64, 10), (512, 1000), (25088, 4096)]


@on_fused_machines
@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("rows_per_sample", [1, 49])
def test_its_loop(machine: Machine, element: str, features: tuple[int, int], rows_per_sample: int) -> None:
    inputs, outputs = features
    leaves_the_stack_alone(LinearWeightGradient(machine, element, outputs, inputs, rows_per_sample))


@pytest.mark.parametrize("batch", [1, 5, BLOCK + 3])
@pytest.mark.parametrize("sizes", [(1, 1), (7, 37), (13, 16)])
def test_columns_times_columns(batch: int, sizes: tuple[int, int]) -> None:
    outputs, inputs = sizes
    kernel = LinearWeightGradient(host(), "float64", outputs, inputs, rows_per_sample=2)
    random = np.random.default_rng(0)
    dy, x = random.standard_normal((2 * batch, outputs)), random.standard_normal((2 * batch, inputs))
    dw = np.full((outputs, inputs), np.nan)
    for part in range(kernel.parts):
        run(kernel, dy, x, dw, first_part=part, last_part=part + 1, batch=batch)
    np.testing.assert_allclose(dw, dy.T @ x, rtol=0, atol=1e-12 * batch)
