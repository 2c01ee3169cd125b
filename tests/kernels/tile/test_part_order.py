"""The order of parts: whatever threads take, each part is done once, and who shares takes rows of large images."""

from __future__ import annotations

import numpy as np
import pytest

from hot_loops import window
from knoll.graph import Array, Window
from knoll.kernels.convolution.depthwise import DepthwiseConvolution
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.convolution.polyphase import AxisComponents, Polyphase
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.copy import Copy, between
from knoll.kernels.layout.layout import Images
from knoll.kernels.pooling.pool import MaxPool
from knoll.kernels.resample.resample import Resample
from knoll.kernels.tile.part_order import PartOrder
from knoll.llvm.builder import KernelBuilder
from knoll.machine import NAMED, host
from knoll.ops.resample.axes import Nearest
from single_kernel import at_cache_line, emitted, run

COMPONENTS, GROUPS, ROWS = 2, 3, 5


def places(order: PartOrder, first: int, last: int) -> list[tuple[int, int, int]]:
    """The components, groups and rows of the parts of a call, in turn."""
    found = np.zeros((last - first, 3), np.int64)

    def write(k: KernelBuilder) -> None:
        with k.loop(k.first_part, k.last_part, name="part") as part:
            place = order.place(k, part)
            for i, number in enumerate(place):
                k.do(f"store i64 {number}, ptr {(k.pointers[0] + (part - k.first_part) * 24 + 8 * i).text()}")

    emitted(host(), np.float64, write, found, first_part=first, last_part=last)
    return [(component, group, row) for component, group, row in found.tolist()]


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("components", [1, COMPONENTS])
def test_each_part_is_done_once(alone: bool, shared: bool, components: int) -> None:
    order = PartOrder(GROUPS, ROWS, alone, shared, components)
    groups = [(component, group) for component in range(components) for group in range(GROUPS)]
    every = [(*group, row) for group in groups for row in range(ROWS)]
    by_rows = [(*group, row) for row in range(ROWS) for group in groups]
    assert places(order, 0, order.parts) == (by_rows if alone else every)
    for cut in (1, 7, 14):
        assert places(order, 0, cut) + places(order, cut, order.parts) == (by_rows if shared else every)


def outputs(kernel: Kernel, source: Images, target: Images, first: int, last: int) -> Array:
    """What some parts write, (channel blocks, rows, columns, lanes); NaN where they write nothing."""
    x = np.ones(source.size, np.float32)
    weights = [at_cache_line(np.ones(1 << 16, np.float32))] if kernel.pointers > 2 else []
    y = np.full(target.size, np.nan, np.float32)
    run(kernel, x, *weights, y, first_part=first, last_part=last)
    return y[: target.blocks * target.plane].reshape(target.blocks, target.h, target.w, -1)


def check_halves(kernel: Kernel, source: Images, target: Images, by_rows: bool) -> None:
    """Assert that each half of the parts computes half of the rows, or half of the channels."""
    half = outputs(kernel, source, target, 0, kernel.parts // 2)
    written = ~np.isnan(half)
    blocks, rows = written.any((1, 2, 3)), written.any((0, 2, 3))
    assert blocks.all() == by_rows, kernel
    assert rows.all() != by_rows, kernel
    rest = outputs(kernel, source, target, kernel.parts // 2, kernel.parts)
    whole = outputs(kernel, source, target, 0, kernel.parts)
    np.testing.assert_array_equal(np.where(written, half, rest), whole)


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
            check_halves(kernel, kernel.source, target, by_rows)


@pytest.mark.parametrize(("size", "channels", "by_rows"), [(28, 64, True), (4, 256, False)])
def test_layers_between_convolutions_are_shared_out_as_these_are(size: int, channels: int, by_rows: bool) -> None:
    machine = host()
    blocked = Images(channels, size, size, machine.lanes(np.dtype(np.float32)))
    plain, double = Images(channels, size, size), Images(channels, 2 * size, 2 * size, blocked.block)
    window, table = Window(3, before=1, after=1), Nearest(2 * size).table(size)
    layers: list[tuple[Kernel, Images, Images]] = [
        (MaxPool(machine, "float32", blocked, blocked, window, window, codes=False), blocked, blocked),
        (Resample(machine, "float32", blocked, double, table, table), blocked, double),
    ]
    layers += [
        (Copy(machine, "float32", between(a, b), (a.size, b.size)), a, b)
        for a, b in ((plain, blocked), (blocked, plain))
    ]
    for kernel, source, target in layers:
        check_halves(kernel, source, target, by_rows)


def test_components_of_a_row_belong_to_one_share() -> None:
    machine = host()
    lanes = machine.lanes(np.dtype(np.float32))
    axis = AxisComponents(stride=2, size=28, count=2)
    source, target = Images(32, 14, 14, lanes), Images(64, 28, 28, lanes)
    taps, components = Taps((0, 0), (1, 1), (1, 1), (1, 1)), Polyphase(axis, axis)
    direct = DirectConvolution(machine, "float32", source, target, taps, (14, 14), (64, 32), components)
    check_halves(direct, source, target, by_rows=True)


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
