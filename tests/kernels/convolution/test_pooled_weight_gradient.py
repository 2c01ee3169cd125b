"""The weight gradient behind a max pooling: its hot loop, and that winners alone teach the weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import in_machine_code, machines, value
from hot_loops import LAYERS, leaves_the_stack_alone, on_fused_machines, window
from knoll.graph import Graph, evaluate
from knoll.kernels.convolution.pooled_weight_gradient import PooledWeightGradient
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from knoll.ops.convolution.conv import conv2d
from knoll.ops.pooling.max_pool import max_pool2d
from pooling import TILING


@on_fused_machines
@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer[4] > 1])
def test_its_loop(machine: Machine, element: str, layer: tuple[Any, ...]) -> None:
    c, size, k, kernel, pool, first = layer
    lanes = machine.lanes(np.dtype(element))
    source, taps = window(c, size, kernel, c if first else lanes)
    output = Images(k, size // pool, size // pool, lanes)
    leaves_the_stack_alone(PooledWeightGradient(machine, element, source, output, taps, (pool, pool)))


@machines
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_learn_from_winners_alone(machine: Machine, bad: float) -> None:
    """What a pixel saw that did not win its window does not count, be it infinite or no number."""
    x, w = value("float32", 1, 1, 8, 8), value("float32", 1, 1, 3, 3)
    convolved = conv2d(x, w, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), groups=1)
    pooled, index = max_pool2d.node(convolved, **TILING).outputs
    random = np.random.default_rng(0)
    image, weight = (random.standard_normal(v.spec.shape).astype(np.float32) for v in (x, w))
    image[0, 0, 4, 4] = bad
    program = in_machine_code(Graph((x, w), (pooled,)), (1,), machine)
    (found,) = program.backward(program.forward([image, weight])[1], [np.ones((1, 1, 3, 3), np.float32)])
    with np.errstate(invalid="ignore"):
        winners = evaluate(Graph((x, w), (index,)), [image, weight])[0].ravel()
    saw = {(4 - place // 6, 4 - place % 6) for place in winners.tolist()}
    expected = np.array([[(r, s) in saw for s in range(3)] for r in range(3)])
    np.testing.assert_array_equal(~np.isfinite(found[0, 0]), expected)
    assert 0 < expected.sum() < 9
