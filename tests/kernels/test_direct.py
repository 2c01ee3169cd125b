"""Direct convolution: its hot loop leaves the stack alone, and weights stream past in groups of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hot_loops import LAYERS, RELU, leaves_the_stack_alone, long_epilogue, loop_is_unchanged, on_two_machines, window
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine, host
from single_kernel import at_cache_line, run


def convolution(machine: Machine, element: str, layer: tuple[Any, ...], **fused: Any) -> DirectConvolution:
    """A layer of a network, with a bias and its pooling."""
    c, size, k, kernel, pool, first = layer
    lanes = machine.lanes(np.dtype(element))
    source, taps = window(c, size, kernel, c if first else lanes)
    covered, target = size // pool * pool, Images(k, size // pool, size // pool, lanes)
    return DirectConvolution(
        machine, element, source, target, taps, (covered, covered), (k, c), bias=True, pool=(pool, pool), **fused
    )


@on_two_machines
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("codes", [False, True])
def test_its_loop(machine: Machine, element: str, layer: tuple[Any, ...], codes: bool) -> None:
    leaves_the_stack_alone(convolution(machine, element, layer, epilogue=RELU, codes=codes and layer[4] > 1))


@on_two_machines
@pytest.mark.parametrize("layer", LAYERS)
def test_what_follows_leaves_its_loop_alone(machine: Machine, element: str, layer: tuple[Any, ...]) -> None:
    target = convolution(machine, element, layer).target
    epilogue = long_epilogue(target.with_halo(((1, 1), (1, 1))))
    loop_is_unchanged(convolution(machine, element, layer, codes=layer[4] > 1, epilogue=epilogue))


def test_one_pixel_sums_all_taps_of_all_channels() -> None:
    machine = host()
    lanes = machine.lanes(np.dtype(np.float32))
    source, taps = window(3, 3, 3, 3)
    kernel = DirectConvolution(machine, "float32", source, Images(lanes, 3, 3, lanes), taps, (3, 3), (lanes, 3))
    x, y = np.zeros(source.size, np.float32), np.zeros(kernel.target.size, np.float32)
    for i, j in np.ndindex(3, 3):
        x[source.at(i, j) : source.at(i, j) + 3] = 1
    run(kernel, x, at_cache_line(np.ones(kernel.group_weights, np.float32)), y)
    assert y[: 9 * lanes : lanes].reshape(3, 3).tolist() == [[12, 18, 12], [18, 27, 18], [12, 18, 12]]
    assert kernel.work == 9 * 3 * 9 * lanes
