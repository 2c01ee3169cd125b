"""The gradient of depthwise weights: its hot loop, and which pixels each weight meets."""

from __future__ import annotations

import numpy as np
import pytest

from hot_loops import leaves_the_stack_alone, on_fused_machines, window
from knoll.kernels.convolution.depthwise_weight_gradient import DepthwiseWeightGradient
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine, host
from single_kernel import run


@on_fused_machines
@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("per_group", [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_its_loop(machine: Machine, element: str, kernel: int, stride: int, per_group: tuple[int, int]) -> None:
    outputs, inputs = per_group
    source, taps = window(32 * inputs, 56, kernel, machine.lanes(np.dtype(element)))
    taps = Taps(taps.start, (stride, stride), taps.count, taps.dilation)
    target = Images(32 * outputs, 56 // stride, 56 // stride, source.block)
    leaves_the_stack_alone(DepthwiseWeightGradient(machine, element, source, target, taps, per_group))


def test_each_weight_meets_its_own_channel() -> None:
    machine = host()
    lanes = machine.lanes(np.dtype(np.float64))
    source, taps = window(lanes, 4, 3, lanes)
    kernel = DepthwiseWeightGradient(machine, "float64", source, Images(lanes, 4, 4, lanes), taps, (1, 1))
    x, dw = np.zeros(source.size), np.zeros(kernel.size)
    for i, j in np.ndindex(4, 4):
        x[source.at(i, j) : source.at(i, j) + lanes] = np.arange(lanes)
    run(kernel, x, np.ones(kernel.output.size), dw)
    counted = np.array([[9, 12, 9], [12, 16, 12], [9, 12, 9]])
    found = dw[: 9 * lanes].reshape(3, 3, lanes)
    np.testing.assert_array_equal(found, counted[:, :, None] * np.arange(lanes))
