"""Sums over the pixels of each channel, of terms and of single values, in blocks of channels."""

from __future__ import annotations

import pytest

from against_meaning import check, elements, machines, value
from knoll.graph import Graph
from knoll.kernels.reduction.pixel_sums import PixelSums
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, exp, multiply
from planned import SLIDE


@machines
@elements
@pytest.mark.parametrize("size", [(2, 2), (3, 5), (7, 2), (2, 19)], ids=str)
def test_of_a_product_and_of_one_value(machine: Machine, dtype: str, size: tuple[int, int]) -> None:
    x, k, w = value(dtype, 3, 5, *size), value(dtype, 21, 5, 3, 3), value(dtype, 3, 21, 1, 1)
    y = conv2d(x, k, **SLIDE)
    v = value(dtype, 5, 21, 3, 3)
    gated = conv2d(relu(add(multiply(y, exp(w)), w)), v, **SLIDE)
    program = check(Graph((x, k, w, v), (gated,)), machine)
    sums = [s.kernel for phase in program.plan.phases for s in phase.steps if isinstance(s.kernel, PixelSums)]
    assert {len(kernel.sources) for kernel in sums} == {1, 2}
