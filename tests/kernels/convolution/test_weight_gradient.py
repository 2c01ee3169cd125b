"""The weight gradient of a convolution: its hot loop, and how weights lie in a sum."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from against_meaning import machines
from hot_loops import LAYERS, leaves_the_stack_alone, on_fused_machines, window
from knoll.kernels.convolution.weight_gradient import Runs, WeightGradient, runs_of
from knoll.kernels.layout.copy import Copy
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine, host
from knoll.ops.convolution.conv import dw_meaning
from knoll.plan.convolution.conv_packing import gradient_by_vector
from planned import whole_window
from single_kernel import run


@on_fused_machines
@pytest.mark.parametrize("layer", LAYERS)
def test_its_loop(machine: Machine, element: str, layer: tuple[Any, ...]) -> None:
    c, size, k, kernel, _, first = layer
    lanes = machine.lanes(np.dtype(element))
    source, taps = window(c, size, kernel, c if first else lanes)
    leaves_the_stack_alone(WeightGradient(machine, element, source, Images(k, size, size, lanes), taps, c, (k, c)))


def test_a_row_of_a_window_is_one_run_unless_it_is_dilated() -> None:
    source, taps = window(20, 8, 3, 16)
    assert runs_of(source, 20, taps) == Runs(blocks=2, rows=3, segments=1, length=48)
    assert runs_of(source, 20, replace(taps, dilation=(1, 2))) == Runs(blocks=2, rows=3, segments=3, length=16)
    assert runs_of(source, 20, taps).size == 2 * 3 * 48


def test_pieces_cut_a_run_evenly() -> None:
    """Sums go on where they stopped, so no piece may overlap another."""
    for kernel in (1, 3, 5, 7):
        source, taps = window(32, 8, kernel, 16)
        gradient = WeightGradient(host(), "float32", source, Images(32, 8, 8, 16), taps, 32, (32, 32))
        assert gradient.runs.length % gradient.piece == 0


def test_each_weight_counts_the_pixels_it_meets() -> None:
    machine = host()
    lanes = machine.lanes(np.dtype(np.float32))
    source, taps = window(1, 4, 3, 1)
    kernel = WeightGradient(machine, "float32", source, Images(lanes, 4, 4, lanes), taps, 1, (lanes, 1))
    x, dw = np.zeros(source.size, np.float32), np.full(kernel.size, 7, np.float32)
    for i, j in np.ndindex(4, 4):
        x[source.at(i, j)] = 1
    run(kernel, x, np.ones(kernel.output.size, np.float32), dw)
    counted = [[9, 12, 9], [12, 16, 12], [9, 12, 9]]
    assert dw.reshape(-1, lanes)[:, 0].reshape(3, 3).tolist() == counted
    run(kernel, x, np.ones(kernel.output.size, np.float32), dw, fresh=0)
    assert dw.reshape(-1, lanes)[:, 0].reshape(3, 3).tolist() == (2 * np.array(counted)).tolist()


@machines
@pytest.mark.parametrize("size", [40, 5])
def test_the_whole_batch_at_once(machine: Machine, size: int) -> None:
    """Some samples after the other, of which a few images of 40×40 have more pixels than one running sum."""
    n, c, k, lanes = 7, 12, 20, machine.lanes(np.dtype(np.float32))
    source, taps = window(c, size, 3, lanes)
    output = Images(k, size, size, lanes)
    kernel = WeightGradient(machine, "float32", source, output, taps, c, (k, c), whole_batch=True)
    assert kernel.together == {40: 2, 5: 163}[size]
    generator = np.random.default_rng(0)
    x, dy = (generator.standard_normal((n, channels, size, size)).astype(np.float32) for channels in (c, k))
    blocked = [np.zeros((n, images.size), np.float32) for images in (source, output)]
    for numbers, images, flat in zip((x, dy), (source, output), blocked, strict=True):
        for channel in range(images.c):
            block, lane = divmod(channel, lanes)
            for i, j in np.ndindex(size, size):
                flat[:, images.at(i, j) + block * images.plane + lane] = numbers[:, channel, i, j]
    dw = np.full(kernel.size, 7, np.float32)
    run(kernel, *blocked, dw, count=1, batch=n)
    nests = gradient_by_vector(kernel.runs, lanes, kernel.vectors, lanes, whole_window(k, c, 3, 3))
    unpacked = np.zeros((k, c, 3, 3), np.float32)
    run(Copy(machine, "float32", nests, (0, 0), "unpack"), dw, unpacked)
    (truth,) = dw_meaning(
        dy.astype("f8"), x.astype("f8"), kernel=(3, 3), stride=(1, 1), padding=((1, 1),) * 2, dilation=(1, 1), groups=1
    )
    np.testing.assert_allclose(unpacked, truth, atol=2e-6 * np.abs(truth).max())
