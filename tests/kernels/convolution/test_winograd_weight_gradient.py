"""The weight gradient by Winograd's algorithm: the same numbers as the plain sum, within the documented error."""

from __future__ import annotations

from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, in_machine_code, machines, value
from hot_loops import window
from knoll.graph import Array, Graph
from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.winograd_weight_gradient import WinogradWeightGradient
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d, conv2d_dw, dw_meaning, meaning
from knoll.run.threads import get_num_threads, set_num_threads
from normalised import normalised
from single_kernel import run

LIMIT = {2: 3e-6, 3: 3e-6, 4: 5e-6, 5: 8e-6, 7: 5e-6}  # docs/accuracy.md: relative error in the mean square
Sizes = tuple[int, int, int, int, int]  # n, c, k, h, w


class Gradient(NamedTuple):
    """A weight gradient, what is meant, and what both were made from."""

    dw: Array
    truth: Array
    dy: Array
    x: Array


def slide_of(window: Pair, pad: Pair, stride: Pair = (1, 1)) -> dict[str, Any]:
    padding = tuple((p, p) for p in pad)
    return {"kernel": window, "padding": padding, "stride": stride, "dilation": (1, 1), "groups": 1}


def gradient(machine: Machine, dtype: str, sizes: Sizes, window: Pair, pad: Pair, stride: Pair = (1, 1)) -> Gradient:
    """dw of a program with Winograd's algorithm in it, what is meant, and what both were made from: dy and x."""
    n, c, k, *size = sizes
    rows, columns = (
        (length - 1) * step + taps - 2 * p for length, step, taps, p in zip(size, stride, window, pad, strict=True)
    )
    x, dy, slide = value(dtype, n, c, rows, columns), value(dtype, n, k, *size), slide_of(window, pad, stride)
    with patch("knoll.plan.convolution.winograd.MIN_SAVING", 0.1):  # where it would not pay, too
        program = in_machine_code(Graph((dy, x), (conv2d_dw(dy, x, **slide),)), (), machine)
    steps = [step.kernel for phase in program.plan.forward for step in phase.steps]
    assert any(isinstance(kernel, WinogradWeightGradient) for kernel in steps)
    generator = np.random.default_rng(0)
    numbers = [generator.standard_normal(v.spec.shape).astype(dtype) for v in (dy, x)]
    ((dw,), _) = program.forward(numbers)
    (truth,) = dw_meaning(*(each.astype("f8") for each in numbers), **slide)
    return Gradient(dw, truth, numbers[0], numbers[1])


def error_is_small(found: Gradient, taps: int) -> None:
    """Within the limit of a window of so many taps along an axis."""
    assert np.linalg.norm(found.dw - found.truth) / np.linalg.norm(found.truth) < LIMIT[taps]


@machines
@pytest.mark.parametrize("r", [2, 3, 4, 5])
@examples(5)
@given(data=st.data())
def test_error_is_within_the_documented_limit(machine: Machine, r: int, data: st.DataObject) -> None:
    n, c, k, h, w = (data.draw(st.integers(1, most)) for most in (5, 3, 3, 4, 4))
    pad, sizes = data.draw(st.integers(0, r // 2)), (n, 16 * c, 16 * k + 16 * (c * k == 1), 4 * h, 4 * w)
    error_is_small(gradient(machine, "float32", sizes, (r, r), (pad, pad)), r)


@machines
@pytest.mark.parametrize("window", [(1, 3), (3, 1), (1, 7), (2, 3), (5, 4)])
@pytest.mark.parametrize("size", [(3, 4), (8, 4)])
def test_windows_that_are_not_square(machine: Machine, window: Pair, size: Pair) -> None:
    if window[0] == 1 or size[0] % 2 == 0:
        pad = window[0] // 2, window[1] // 2
        error_is_small(gradient(machine, "float32", (3, 32, 48, *size), window, pad), max(window))


@machines
@pytest.mark.parametrize("r", [3, 4, 5, 7])
@pytest.mark.parametrize("size", [(4, 8), (6, 4)])
def test_windows_that_move_by_two(machine: Machine, r: int, size: Pair) -> None:
    found = gradient(machine, "float32", (5, 32, 48, *size), (r, r), (r // 2, r // 2), (2, 2))
    error_is_small(found, ceil_div(r, 2))


@machines
@pytest.mark.parametrize("size", [(6, 6), (14, 10), (4, 6)])
def test_tiles_of_two_outputs(machine: Machine, size: Pair) -> None:
    error_is_small(gradient(machine, "float32", (7, 32, 48, *size), (3, 3), (1, 1)), 3)


@machines
def test_many_samples(machine: Machine) -> None:
    """More tiles than are held together, an odd number of them, and more channels than a part has."""
    error_is_small(gradient(machine, "float32", (23, 96, 160, 4, 8), (3, 3), (1, 1)), 3)


@pytest.mark.parametrize("r", [3, 5])
def test_a_weight_of_its_own_is_a_slope(r: int) -> None:
    """Σ dy · y is linear in the weights: its slope is its difference where one weight is one more."""
    found = gradient(host(), "float64", (3, 16, 32, 8, 4), (r, r), (1, 1))
    slide = slide_of((r, r), (1, 1))
    del slide["kernel"]
    for place in ((0, 0, 0, 0), (31, 15, r - 1, r - 1), (17, 3, 1, 2)):
        w = np.zeros((32, 16, r, r))
        w[place] = 1
        slope = (meaning(found.x, w, **slide)[0] * found.dy).sum()
        np.testing.assert_allclose(found.dw[place], slope, rtol=1e-11, atol=1e-11)


@elements
def test_threads_do_not_change_it(dtype: str) -> None:
    before, results = get_num_threads(), []
    try:
        for threads in (1, 2):
            set_num_threads(threads)
            results.append(gradient(host(), dtype, (6, 64, 64, 8, 8), (3, 3), (1, 1)).dw)
    finally:
        set_num_threads(before)
    np.testing.assert_array_equal(*results)


@machines
def test_behind_a_batch_normalisation_it_takes_the_whole_batch(machine: Machine) -> None:
    """Its sum over samples is complete in the phase that combines sums; gradients are those of the meaning."""
    shape = (5, 16, 8, 4)
    x, w, v = value("float32", *shape), value("float32", 32, 16, 3, 3), value("float32", 32, 32, 3, 3)
    slide = {name: of for name, of in slide_of((3, 3), (1, 1)).items() if name != "kernel"}
    _, inner = normalised(conv2d(x, w, **slide), own=True, affine=False, dtype="float32")
    program = check(Graph((x, w, v), (conv2d(relu(inner), v, **slide),)), machine, tolerance={"float32": 1e-4})
    kernels = [s.kernel for phase in program.plan.backward for s in phase.steps]
    assert [kernel.whole_batch for kernel in kernels if isinstance(kernel, WinogradWeightGradient)] == [True, True]


def test_parts_divide_the_weights() -> None:
    """Each part writes its own weights, and nothing else."""
    machine = host()
    lanes = machine.lanes(np.dtype(np.float32))
    source, taps = window(8 * lanes, 4, 3, lanes)
    kernel = WinogradWeightGradient(machine, "float32", source, Images(4 * lanes, 4, 4, lanes), taps, True)
    x, dy = np.ones(source.size, np.float32), np.ones(kernel.output.size, np.float32)
    written = np.zeros(kernel.size, int)
    for part in range(kernel.parts):
        dw = np.full(kernel.size, 7, np.float32)
        run(kernel, x, dy, dw, np.zeros(kernel.workspace, np.float32), first_part=part, last_part=part + 1)
        written += dw != 7
    assert kernel.parts > 1
    assert (written == 1).all()
