"""The order of parts: whatever threads take, each part is done once, and who shares takes rows of large images."""

from __future__ import annotations

import numpy as np
import pytest

from hot_loops import window
from knoll.graph import Array
from knoll.kernels.convolution.depthwise import DepthwiseConvolution
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.part_order import PartOrder
from knoll.llvm.builder import KernelBuilder
from knoll.machine import NAMED, host
from single_kernel import at_cache_line, emitted, run

GROUPS, ROWS = 3, 5


def places(order: PartOrder, first: int, last: int) -> list[tuple[int, int]]:
    """The groups and rows of the parts of a call, in turn."""
    found = np.zeros((last - first, 2), np.int64)

    def write(k: KernelBuilder) -> None:
        with k.loop(k.first_part, k.last_part, name="part") as part:
            place = order.place(k, part, order.parts)
            for i, number in enumerate(place):
                k.do(f"store i64 {number}, ptr {(k.pointers[0] + (part - k.first_part) * 16 + 8 * i).text()}")

    emitted(host(), np.float64, write, found, first_part=first, last_part=last)
    return [(group, row) for group, row in found.tolist()]


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_each_part_is_done_once(alone: bool, shared: bool) -> None:
    order = PartOrder(GROUPS, ROWS, alone, shared)
    every = [(group, row) for group in range(GROUPS) for row in range(ROWS)]
    by_rows = [(group, row) for row in range(ROWS) for group in range(GROUPS)]
    assert places(order, 0, 15) == (by_rows if alone else every)
    for cut in (1, 7, 14):
        assert places(order, 0, cut) + places(order, cut, 15) == (by_rows if shared else every)


def outputs(kernel: DirectConvolution | DepthwiseConvolution, first: int, last: int) -> Array:
    """What some parts write, (channel blocks, rows, columns, lanes); NaN where they write nothing."""
    source, target = kernel.source, kernel.target
    x = np.ones(source.size, np.float32)
    weights = at_cache_line(np.ones(1 << 16, np.float32))
    y = np.full(target.size, np.nan, np.float32)
    run(kernel, x, weights, y, first_part=first, last_part=last)
    return y[: target.blocks * target.plane].reshape(target.blocks, target.h, target.w, -1)


def test_threads_take_rows_of_large_images_and_outputs_of_small_ones() -> None:
    machine = host()
    lanes = machine.lanes(np.dtype(np.float32))
    for size, deep, wide, by_rows in ((28, 2, 8, True), (4, 8, 16, False)):
        source, taps = window(deep * lanes, size, 1, lanes)
        target = Images(wide * lanes, size, size, lanes)
        direct = DirectConvolution(machine, "float32", source, target, taps, (size, size), (wide * lanes, deep * lanes))
        source, taps = window(wide * lanes, size, 3, lanes)
        depthwise = DepthwiseConvolution(machine, "float32", source, target, taps, (size, size), (1, 1))
        for kernel in (direct, depthwise):
            half = outputs(kernel, 0, kernel.parts // 2)
            written = ~np.isnan(half)
            blocks, rows = written.any((1, 2, 3)), written.any((0, 2, 3))
            assert blocks.all() == by_rows, kernel
            assert rows.all() != by_rows, kernel
            rest = outputs(kernel, kernel.parts // 2, kernel.parts)
            whole = outputs(kernel, 0, kernel.parts)
            np.testing.assert_array_equal(np.where(written, half, rest), whole)


def test_weights_that_do_not_stay_near_are_not_passed_by_in_each_row() -> None:
    machine = NAMED["x86-64-v4"]
    for channels, kernel, by_rows in ((576, 3, True), (240, 5, False)):
        source, taps = window(channels, 14, kernel, 16)
        target = Images(channels, 14, 14, 16)
        depthwise = DepthwiseConvolution(machine, "float32", source, target, taps, (14, 14), (1, 1))
        assert depthwise.order.by_rows_shared == by_rows


def test_plain_results_are_shared_out_as_those_in_blocks_are() -> None:
    machine = NAMED["x86-64-v4"]
    for (c, k, size), by_rows in (((512, 2048, 7), False), ((128, 2048, 7), False), ((64, 256, 56), True)):
        source, taps = window(c, size, 1, 16)
        for block in (16, 1):
            target = Images(k, size, size, block)
            kernel = DirectConvolution(machine, "float32", source, target, taps, (size, size), (k, c))
            assert kernel.order.by_rows_shared == by_rows, kernel
