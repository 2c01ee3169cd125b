"""Convolution between plain images: channels of a group, rows that do not fill vectors, borders, strides, batches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import elements, examples, machines, value
from hot_loops import RELU, leaves_the_stack_alone, on_fused_machines
from knoll.kernels.convolution.row_convolution import RowConvolution, fills_vectors
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine, host
from knoll.ops.convolution.conv import conv2d, meaning
from single_kernel import run


def windows(draw: st.DrawFn) -> Taps:
    """A window with its padding, as the first input column that it reads."""
    pairs = [(draw(st.integers(*b)), draw(st.integers(*b))) for b in ((0, 3), (1, 2), (1, 3), (1, 3))]
    above, stride, count, dilation = pairs
    return Taps((-above[0], -above[1]), stride, count, dilation)


def convolved(
    machine: Machine,
    dtype: str,
    n: int,
    size: tuple[int, int],
    taps: Taps,
    relu: bool,
    channels: tuple[int, int, int] = (3, 1, 1),
) -> None:
    """The kernel on images that end where their memory ends, against the meaning of conv2d.

    `channels` are how many groups there are, and the output and input channels of each.
    """
    generator, (groups, outputs, inputs) = np.random.default_rng(0), channels
    above, left = -taps.start[0], -taps.start[1]
    slide: dict[str, Any] = {
        "stride": taps.stride, "padding": ((above, 1), (left, 2)), "dilation": taps.dilation, "groups": groups,
    }  # fmt: skip
    c, k = groups * inputs, groups * outputs
    shapes = (n, c, *size), (k, inputs, *taps.count), (k,)
    x, w, b = (generator.standard_normal(shape).astype(dtype) for shape in shapes)
    y = conv2d(*(value(dtype, *shape) for shape in shapes), **slide).spec.shape
    kernel = RowConvolution(machine, dtype, Images(c, *size), Images(*y[1:]), taps, (outputs, inputs), bias=True)
    result = np.full(y, np.nan, dtype)
    run(replace(kernel, epilogue=RELU) if relu else kernel, x, w, result, b, count=n)
    truth = meaning(x.astype("float64"), w.astype("float64"), b.astype("float64"), **slide)[0]
    np.testing.assert_allclose(result, np.maximum(truth, 0) if relu else truth, rtol=1e-4, atol=1e-5)


@machines
@elements
@examples(5)
@given(st.data())
def test_equals_the_meaning(machine: Machine, dtype: str, data: st.DataObject) -> None:
    taps = windows(data.draw)
    least = [d * (r - 1) + 1 for d, r in zip(taps.dilation, taps.count, strict=True)]
    size = data.draw(st.integers(least[0], least[0] + 9)), data.draw(st.integers(least[1], least[1] + 70))
    every = [(3, 1, 1), (17, 1, 1), (1, 1, 1), (1, 1, 5), (1, 3, 2), (1, 8, 1), (2, 2, 3)]
    channels = data.draw(st.sampled_from(every))
    convolved(machine, dtype, data.draw(st.integers(1, 2)), size, taps, data.draw(st.booleans()), channels)


@machines
@elements
@pytest.mark.parametrize("outputs", [1, 2, 3, 8])
@pytest.mark.parametrize("width", [16, 64, 128, 200])
def test_one_row_of_taps_has_several_vectors_at_a_time(machine: Machine, dtype: str, outputs: int, width: int) -> None:
    for columns, stride in ((1, 1), (3, 1), (5, 2)):
        taps = Taps((0, -1), (1, stride), (1, columns), (1, 1))
        convolved(machine, dtype, 2, (2, width), taps, relu=True, channels=(1, outputs, 3))


@machines
def test_a_window_as_large_as_many_registers(machine: Machine) -> None:
    convolved(machine, "float32", 1, (9, 37), Taps((-3, -3), (1, 1), (7, 7), (1, 1)), relu=False)


def test_special_numbers_stay_where_their_window_is() -> None:
    images = Images(1, 6, 40)
    x = np.ones((1, 1, 6, 40), np.float32)
    x[0, 0, 2, 17], x[0, 0, 5, 39] = np.nan, np.inf
    result, w = np.zeros_like(x), np.ones((1, 1, 3, 3), np.float32)
    run(RowConvolution(host(), "float32", images, images, Taps((-1, -1), (1, 1), (3, 3), (1, 1))), x, w, result)
    rows, columns = np.nonzero(np.isnan(result[0, 0]))
    assert (rows.min(), rows.max(), columns.min(), columns.max(), len(rows)) == (1, 3, 16, 18, 9)
    assert np.argwhere(np.isinf(result[0, 0])).tolist() == [[4, 38], [4, 39], [5, 38], [5, 39]]


@on_fused_machines
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("per_group", [(1, 1), (4, 4), (2, 4)])
def test_its_loops_leave_the_stack_alone(
    machine: Machine, element: str, stride: int, per_group: tuple[int, int]
) -> None:
    taps = Taps((-1, -1), (stride, stride), (3, 3), (1, 1))
    target = Images(4 // per_group[1] * per_group[0], 112 // stride, 112 // stride)
    kernel = RowConvolution(machine, element, Images(4, 112, 112), target, taps, per_group, epilogue=RELU)
    if per_group == (1, 1) or machine.has_many_registers:  # LLVM reads weights of several outputs early, all of them
        leaves_the_stack_alone(kernel)


def test_the_share_of_used_lanes() -> None:
    assert [width for width in range(1, 34) if fills_vectors(width, 16, 0.75)] == [12, 13, 14, 15, 16, *range(24, 33)]
