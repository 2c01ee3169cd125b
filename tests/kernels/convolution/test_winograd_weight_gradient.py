"""The weight gradient by Winograd's algorithm: the same numbers as the plain sum, within the documented error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, in_machine_code, machines, value
from hot_loops import window
from knoll.graph import Array, Graph
from knoll.kernels.convolution.winograd_weight_gradient import WinogradWeightGradient
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine, host
from knoll.ops.convolution.conv import conv2d, conv2d_dw, dw_meaning, meaning
from knoll.ops.elementwise.elementwise import relu
from knoll.run.threads import get_num_threads, set_num_threads
from normalised import normalised
from single_kernel import run

LIMIT = {3: 3e-6, 5: 8e-6}  # docs/accuracy.md: relative error in the mean square
Sizes = tuple[int, int, int, int, int]  # n, c, k, h, w


def slide_of(window: int, pad: int) -> dict[str, Any]:
    return {"kernel": (window,) * 2, "padding": ((pad, pad),) * 2, "stride": (1, 1), "dilation": (1, 1), "groups": 1}


def gradient(machine: Machine, dtype: str, sizes: Sizes, r: int, pad: int, seed: int = 0) -> tuple[Array, Array, Array]:
    """dw of a program with Winograd's algorithm in it, and what it was made from: dy and x."""
    n, c, k, h, w = sizes
    x, dy = value(dtype, n, c, h + r - 1 - 2 * pad, w + r - 1 - 2 * pad), value(dtype, n, k, h, w)
    program = in_machine_code(Graph((dy, x), (conv2d_dw(dy, x, **slide_of(r, pad)),)), (), machine)
    steps = [step.kernel for phase in program.plan.forward for step in phase.steps]
    assert any(isinstance(kernel, WinogradWeightGradient) for kernel in steps)
    generator = np.random.default_rng(seed)
    numbers = [generator.standard_normal(v.spec.shape).astype(dtype) for v in (dy, x)]
    ((dw,), _) = program.forward(numbers)
    return dw, numbers[0], numbers[1]


@machines
@pytest.mark.parametrize("r", [3, 5])
@examples(5)
@given(data=st.data())
def test_error_is_within_the_documented_limit(machine: Machine, r: int, data: st.DataObject) -> None:
    n, c, k, h, w = (data.draw(st.integers(1, most)) for most in (5, 3, 3, 4, 4))
    pad = data.draw(st.integers(0, r // 2))
    dw, dy, x = gradient(machine, "float32", (n, 16 * c, 16 * k + 16 * (c * k == 1), 4 * h, 4 * w), r, pad)
    truth = dw_meaning(dy.astype("f8"), x.astype("f8"), **slide_of(r, pad))[0]
    assert np.linalg.norm(dw - truth) / np.linalg.norm(truth) < LIMIT[r]


@machines
@pytest.mark.parametrize("size", [(6, 6), (14, 10), (4, 6)])
def test_tiles_of_four_outputs(machine: Machine, size: tuple[int, int]) -> None:
    dw, dy, x = gradient(machine, "float32", (7, 32, 48, *size), 3, 1)
    truth = dw_meaning(dy.astype("f8"), x.astype("f8"), **slide_of(3, 1))[0]
    assert np.linalg.norm(dw - truth) / np.linalg.norm(truth) < LIMIT[3]


@machines
def test_many_samples(machine: Machine) -> None:
    """More tiles than are held together, an odd number of them, and more channels than a part has."""
    dw, dy, x = gradient(machine, "float32", (23, 96, 160, 4, 8), 3, 1)
    truth = dw_meaning(dy.astype("f8"), x.astype("f8"), **slide_of(3, 1))[0]
    assert np.linalg.norm(dw - truth) / np.linalg.norm(truth) < LIMIT[3]


@pytest.mark.parametrize("r", [3, 5])
def test_a_weight_of_its_own_is_a_slope(r: int) -> None:
    """Σ dy · y is linear in the weights: its slope is its difference where one weight is one more."""
    dw, dy, x = gradient(host(), "float64", (3, 16, 32, 8, 4), r, 1)
    slide = slide_of(r, 1)
    del slide["kernel"]
    for place in ((0, 0, 0, 0), (31, 15, r - 1, r - 1), (17, 3, 1, 2)):
        w = np.zeros((32, 16, r, r))
        w[place] = 1
        np.testing.assert_allclose(dw[place], (meaning(x, w, **slide)[0] * dy).sum(), rtol=1e-11, atol=1e-11)


@elements
def test_threads_do_not_change_it(dtype: str) -> None:
    before, results = get_num_threads(), []
    try:
        for threads in (1, 2):
            set_num_threads(threads)
            results.append(gradient(host(), dtype, (6, 64, 64, 8, 8), 3, 1)[0])
    finally:
        set_num_threads(before)
    np.testing.assert_array_equal(*results)


@machines
def test_behind_a_batch_normalisation_it_takes_the_whole_batch(machine: Machine) -> None:
    """Its sum over samples is complete in the phase that combines sums; gradients are those of the meaning."""
    shape = (5, 16, 8, 4)
    x, w, v = value("float32", *shape), value("float32", 32, 16, 3, 3), value("float32", 32, 32, 3, 3)
    slide = {name: of for name, of in slide_of(3, 1).items() if name != "kernel"}
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
