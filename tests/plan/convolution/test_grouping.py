"""Convolution with groups as steps: whole groups in a vector, or each at the beginning of one."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import check, machines, value
from knoll.graph import Graph
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.run.build import build


@machines
@pytest.mark.parametrize("per_group", [(1, 1), (3, 5), (16, 16)])
def test_pooling_behind_groups(machine: Machine, per_group: tuple[int, int]) -> None:
    outputs, inputs = per_group
    x, w, b = (
        value("float32", 2, 4 * inputs, 9, 10),
        value("float32", 4 * outputs, inputs, 3, 3),
        value("float32", 4 * outputs),
    )
    y = conv2d(x, w, b, stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=4)
    y = relu(max_pool2d(y, kernel=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), ceil=False))
    check(Graph((x, w, b), (y,)), machine)


@pytest.mark.parametrize(("outputs", "inputs"), [(1, 1), (2, 1), (4, 4), (3, 3), (16, 8)])
def test_what_is_no_number_stays_in_its_group(outputs: int, inputs: int) -> None:
    x, w = value("float32", 1, 6 * inputs, 5, 5), value("float32", 6 * outputs, inputs, 3, 3)
    graph = Graph((x, w), (conv2d(x, w, stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=6),))
    arrays = [np.ones(x.spec.shape, np.float32), np.ones(w.spec.shape, np.float32)]
    arrays[0][0, 2 * inputs] = np.nan
    (y,), _ = build(graph, (), host()).forward(arrays)
    touched = np.isnan(y).any(axis=(0, 2, 3))
    assert touched.tolist() == [group == 2 for group in range(6) for _ in range(outputs)]
