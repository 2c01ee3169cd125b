"""Rows times packed columns: the hot loop, what follows it, and the product by NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from hot_loops import RELU, leaves_the_stack_alone, long_epilogue, loop_is_unchanged, on_fused_machines
from knoll.kernels.layout.layout import Images
from knoll.kernels.linear_algebra.matmul import Matmul
from knoll.machine import Machine, host
from single_kernel import run


@on_fused_machines
@pytest.mark.parametrize("features", [(1024, 64), (64, 10), (512, 1000), (25088, 4096)])
@pytest.mark.parametrize("rows_per_sample", [1, 49])
def test_its_loop(machine: Machine, element: str, features: tuple[int, int], rows_per_sample: int) -> None:
    inputs, outputs = features
    leaves_the_stack_alone(Matmul(machine, element, inputs, outputs, rows_per_sample, bias=True, epilogue=RELU))
    leaves_the_stack_alone(Matmul(machine, element, outputs, inputs, rows_per_sample))


@on_fused_machines
def test_what_follows_leaves_its_loop_alone(machine: Machine, element: str) -> None:
    loop_is_unchanged(Matmul(machine, element, 512, 1000, epilogue=long_epilogue(Images(1000, 1, 1))), RELU)


@pytest.mark.parametrize("rows", [1, 4, 13])
@pytest.mark.parametrize("columns", [1, 16, 37])
def test_rows_times_columns(rows: int, columns: int) -> None:
    inner, kernel = 5, Matmul(host(), "float64", 5, columns, bias=True)
    width = kernel.vectors * kernel.lanes
    random = np.random.default_rng(0)
    a, b, bias = (random.standard_normal(shape) for shape in ((rows, inner), (inner, columns), columns))
    padded = np.pad(b, ((0, 0), (0, kernel.parts * width - columns)))
    packed = np.ascontiguousarray(padded.reshape(inner, kernel.parts, width).transpose(1, 0, 2))
    c = np.full((rows, columns), np.nan)
    run(kernel, a, packed, c, bias, count=rows)
    np.testing.assert_allclose(c, a @ b + bias, atol=1e-13)
