"""Windows on images smaller than they are: what meets nothing but padding is left out, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, examples, in_machine_code, machines, value
from knoll.graph import Graph
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.convolution.weight_gradient import WeightGradient
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d, conv2d_dx
from knoll.plan.convolution.clipped_window import clipped
from planned import plan_of

STEPS = st.integers(1, 3)
SMALL = st.integers(1, 4)


@given(st.integers(1, 6), st.integers(1, 5), STEPS, STEPS, st.integers(0, 8), st.integers(1, 5))
def test_taps_that_meet_pixels(count: int, size: int, dilation: int, stride: int, before: int, outputs: int) -> None:
    reads = [range(-before, -before + stride * outputs, stride)]
    meeting = [tap for tap in range(count) for place in reads[0] if 0 <= place + tap * dilation < size]
    taps = clipped(count, size, reads, dilation)
    assert taps == (range(min(meeting), max(meeting) + 1) if meeting else range(count))


def _padding(draw: Any, window: int, dilation: int, size: int) -> tuple[int, int]:
    """So much on both sides that there is an output."""
    span = (window - 1) * dilation + 1
    before = draw(st.integers(0, span))
    return before, draw(st.integers(max(0, span - size - before), span))


@st.composite
def convolutions(draw: Any) -> tuple[Any, ...]:
    """Sizes of images and windows, and how these slide; (n, c, h, w), (k, c / groups, r, s), attributes."""
    h, w, (r, s) = draw(SMALL), draw(SMALL), (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    stride, dilation = (draw(STEPS), draw(STEPS)), (draw(STEPS), draw(STEPS))
    padding = _padding(draw, r, dilation[0], h), _padding(draw, s, dilation[1], w)
    c, k, groups = draw(st.sampled_from([(3, 5, 1), (16, 32, 1), (20, 20, 20), (16, 8, 2), (32, 32, 2)]))
    slide = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return (3, c, h, w), (k, c // groups, r, s), slide


@machines
@examples(12)
@given(convolutions(), st.booleans())
def test_small_images_mean_the_same(machine: Machine, made: tuple[Any, ...], between: bool) -> None:
    shape, weights, slide = made
    x, w = value("float64", *shape), value("float64", *weights)
    check(Graph((x, w), (conv2d(relu(x) if between else x, w, **slide),)), machine)


@machines
@examples(12)
@given(convolutions())
def test_transposed_ones_mean_the_same(machine: Machine, made: tuple[Any, ...]) -> None:
    (n, c, h, w), weights, slide = made
    y = conv2d(value("float64", n, c, h, w), value("float64", *weights), **slide)
    dy, weight = value("float64", *y.spec.shape), value("float64", *weights)
    check(Graph((dy, weight), (conv2d_dx(relu(dy), weight, size=(h, w), **slide),)), machine)


@pytest.mark.parametrize("size", [(1, 1), (1, 3), (2, 2)])
def test_one_pixel_is_met_by_the_middle_of_a_window(size: tuple[int, int]) -> None:
    x, w = value("float32", 2, 16, *size), value("float32", 16, 16, 3, 3)
    slide = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    plan = plan_of(Graph((x, w), (conv2d(relu(x), w, **slide),)), 0, 1)
    kernels = [step.kernel for phase in plan.phases for step in phase.steps]
    taps = [kernel.taps.count for kernel in kernels if isinstance(kernel, (DirectConvolution, WeightGradient))]
    assert taps == [tuple(1 if n == 1 else 3 for n in size)] * 3
    halos = {buffer.images.halo for buffer in plan.buffers if buffer.images and buffer.note == "relu"}
    assert tuple((0, 0) if n == 1 else (1, 1) for n in size) in halos
    assert size != (1, 1) or halos == {((0, 0), (0, 0))}


def test_what_no_pixel_meets_has_a_gradient_of_zero() -> None:
    x, w = value("float32", 4, 16, 1, 1), value("float32", 16, 16, 3, 3)
    slide = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    program = in_machine_code(Graph((x, w), (conv2d(x, w, **slide),)), (1,), host())
    ones = [np.ones(spec.spec.shape, np.float32) for spec in (x, w)]
    for _ in range(3):
        (y,), saved = program.forward(ones)
        (dw,) = program.backward(saved, [np.ones_like(y)])
        expected = np.zeros((16, 16, 3, 3), np.float32)
        expected[:, :, 1, 1] = 4
        np.testing.assert_array_equal(dw, expected)
