"""Fast convolution: the same numbers as the plain sum, within the documented error, and only where it is allowed."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, examples, in_machine_code, machines, value
from hot_loops import long_epilogue, loop_is_unchanged, on_fused_machines, window
from knoll.graph import Graph, Spec, Value
from knoll.graph.sizes import Pair
from knoll.kernels.convolution.winograd import WinogradConvolution
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d, meaning
from knoll.ops.convolution.conv_transpose import conv_transpose2d
from knoll.plan.lower import lower
from knoll.run.compiled import CompiledProgram

# docs/accuracy.md: relative error in the mean square, by the taps along an axis; 6 and 7 along one axis only
LIMIT = {2: 3e-6, 3: 3e-6, 4: 5e-6, 5: 8e-6, 6: 5e-6, 7: 5e-6}


def program(
    shape: tuple[int, int, int, int], k: int, window: Pair, machine: Machine, slide: dict[str, Any]
) -> CompiledProgram:
    x, w = (Value(Spec(each, np.dtype("float32"))) for each in (shape, (k, shape[1], *window)))
    y = conv2d(x, w, **slide)
    graph = Graph((x, w), (y,))
    return CompiledProgram(graph, lower(graph, frozenset({x, y}), machine), 1)


def kernels(compiled: CompiledProgram) -> list[Any]:
    return [step.kernel for step in compiled.plan.forward[0].steps]


@machines
@pytest.mark.parametrize("r", [2, 3, 4, 5])
@examples(5)
@given(data=st.data())
def test_error_is_within_the_documented_limit(machine: Machine, r: int, data: st.DataObject) -> None:
    n, c, k = (data.draw(st.integers(*bounds)) for bounds in ((1, 5), (16, 40), (32, 40)))
    h, w = (data.draw(st.integers(7, 17)) for _ in "hw")
    error_is_small((n, c, h, w), k, r, machine)


@machines
@pytest.mark.parametrize(
    ("r", "size", "tile"), [(3, (2, 2), (2, 2)), (3, (2, 7), (2, 4)), (3, (3, 3), (2, 2)), (5, (3, 4), (2, 4))]
)
def test_gradients_of_small_images_have_small_tiles(machine: Machine, r: int, size: Pair, tile: Pair) -> None:
    x, w = value("float32", 5, 320, *size), value("float32", 320, 320, r, r)
    slide = {"stride": (1, 1), "padding": ((r // 2,) * 2,) * 2, "dilation": (1, 1), "groups": 1}
    compiled = check(Graph((x, w), (conv2d(x, w, **slide),)), machine, wrt=(0,))
    tiles = [
        step.kernel.outputs
        for phase in compiled.plan.phases
        for step in phase.steps
        if isinstance(step.kernel, WinogradConvolution)
    ]
    assert tiles == [tile]


@machines
@pytest.mark.parametrize("k", [8, 11])
def test_few_channels_of_output(machine: Machine, k: int) -> None:
    error_is_small((2, 64, 24, 32), k, 3, machine)


@machines
@pytest.mark.parametrize(
    ("c", "k", "r", "stride"),
    [
        (200, 136, 3, 1),
        (97, 97, 3, 1),
        (72, 70, 5, 1),
        (70, 80, 4, 1),
        (130, 48, 3, 2),
        (96, 70, 4, 2),
        (600, 24, 3, 1),
    ],
)
def test_large_weights_are_transformed_in_each_pass(machine: Machine, c: int, k: int, r: int, stride: int) -> None:
    compiled = error_is_small((3, c, 12 * stride, 16 * stride), k, r, machine, stride=(stride, stride))
    assert [each.transforms_weights for each in kernels(compiled) if isinstance(each, WinogradConvolution)] == [True]


@machines
@pytest.mark.parametrize(
    ("r", "stride"), [((3, 3), (2, 2)), ((4, 4), (2, 2)), ((5, 5), (2, 2)), ((7, 7), (2, 2)), ((9, 9), (2, 2)),
                      ((5, 5), (3, 3)), ((11, 11), (4, 4)), ((3, 5), (1, 2)), ((4, 3), (2, 1))]
)  # fmt: skip
@examples(3)
@given(more=st.tuples(st.integers(0, 1), st.integers(0, 3)))
def test_windows_that_move_by_more_than_one(machine: Machine, r: Pair, stride: Pair, more: Pair) -> None:
    size = (8 * stride[0] + more[0] - 1, 11 * stride[1] + more[1])
    error_is_small((2, 32, *size), 32, r, machine, stride=stride)


@machines
@pytest.mark.parametrize("r", [(1, 3), (3, 1), (1, 5), (2, 3), (5, 4), (3, 2), (6, 1), (1, 7)])
@examples(3)
@given(size=st.tuples(st.integers(5, 9), st.integers(4, 9)))
def test_windows_that_are_not_square(machine: Machine, r: Pair, size: Pair) -> None:
    error_is_small((2, 48, *size), 48, r, machine)


@machines
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5])
def test_a_single_row_of_taps_needs_no_rows(machine: Machine, rows: int) -> None:
    compiled = error_is_small((2, 64, rows, 33), 64, (1, 3), machine)
    tiles = [each.outputs for each in kernels(compiled) if isinstance(each, WinogradConvolution)]
    assert tiles == [(min(rows, 4), 4)]


@machines
@examples(5)
@given(
    size=st.tuples(st.integers(16, 23), st.integers(16, 23)), dilation=st.tuples(st.integers(1, 3), st.integers(1, 3))
)
def test_dilated_windows(machine: Machine, size: Pair, dilation: Pair) -> None:
    padding = tuple((d, d) for d in dilation)
    error_is_small((2, 32, *size), 40, 3, machine, dilation=dilation, padding=padding)


@machines
@pytest.mark.parametrize(("r", "stride"), [(4, 2), (5, 2), (3, 2), (8, 2), (8, 4), (6, 3)])
@pytest.mark.parametrize(("c", "k"), [(40, 36), (160, 144)])
@examples(2)
@given(size=st.tuples(st.integers(4, 9), st.integers(4, 9)), odd=st.tuples(st.integers(0, 1), st.integers(0, 1)))
def test_components_of_transposed_convolutions(
    machine: Machine, r: int, stride: int, c: int, k: int, size: Pair, odd: Pair
) -> None:
    dy, w, bias = value("float32", 3, c, *size), value("float32", c, k, r, r), value("float32", k)
    p = (r - stride) // 2
    h, width = ((n - 1) * stride + r - 2 * p + more for n, more in zip(size, odd, strict=True))
    slide = {"stride": (stride,) * 2, "padding": ((p, p),) * 2, "dilation": (1, 1), "groups": 1}
    x = conv_transpose2d(dy, w, bias, size=(h, width), **slide)
    graph = Graph((dy, w, bias), (relu(x),))
    with patch("knoll.plan.convolution.winograd.MIN_SAVING", 0.1):  # where it would not pay, too
        compiled = in_machine_code(graph, (), machine)
    assert any(isinstance(kernel, WinogradConvolution) for kernel in kernels(compiled))
    generator = np.random.default_rng(0)
    arrays = [generator.standard_normal(each.spec.shape).astype(np.float32) for each in graph.inputs]
    given, weights, offsets = (each.astype(np.float64) for each in arrays)
    truth = np.maximum(conv_transpose2d.meaning(given, weights, offsets, size=(h, width), **slide)[0], 0)
    y = compiled.forward(arrays)[0][0]
    assert np.linalg.norm(y - truth) / np.linalg.norm(truth) < LIMIT[4]


def error_is_small(
    shape: tuple[int, int, int, int], k: int, window: int | Pair, machine: Machine, **differs: Any
) -> CompiledProgram:
    """A program with Winograd's algorithm in it, which is within the limit of its window."""
    r, s = (window, window) if isinstance(window, int) else window
    padding = (r // 2, r // 2), (s // 2, s // 2)
    slide: dict[str, Any] = {"stride": (1, 1), "padding": padding, "dilation": (1, 1), "groups": 1} | differs
    with patch("knoll.plan.convolution.winograd.MIN_SAVING", 0.1):  # where it would not pay, too
        compiled = program(shape, k, (r, s), machine, slide)
    assert any(isinstance(kernel, WinogradConvolution) for kernel in kernels(compiled))
    generator = np.random.default_rng(0)
    x = generator.standard_normal(shape).astype(np.float32)
    weights = generator.standard_normal((k, shape[1], r, s)).astype(np.float32)
    y = compiled.forward([x, weights])[0][0]
    truth = meaning(x.astype(np.float64), weights.astype(np.float64), **slide)[0]
    assert (
        np.linalg.norm(y - truth) / np.linalg.norm(truth)
        < LIMIT[max(-(-taps // by) for taps, by in zip((r, s), slide["stride"], strict=True))]
    )
    return compiled


@on_fused_machines
@pytest.mark.parametrize("kernel", [3, 5])
def test_what_follows_leaves_its_loop_alone(machine: Machine, element: str, kernel: int) -> None:
    source, taps = window(32, 56, kernel, machine.lanes(np.dtype(element)))
    target = Images(32, 56, 56, source.block)
    loop_is_unchanged(
        WinogradConvolution(machine, element, source, target, taps, (56, 56), 32, epilogue=long_epilogue(target))
    )
