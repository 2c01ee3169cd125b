"""Fast convolution: the same numbers as the plain sum, within the documented error, and only where it is allowed."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, examples, machines, value
from hot_loops import long_epilogue, loop_is_unchanged, on_fused_machines, window
from knoll.graph import Graph, Spec, Value
from knoll.kernels.convolution.winograd import WinogradConvolution
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from knoll.ops.convolution.conv import conv2d, meaning
from knoll.plan.lower import lower
from knoll.run.compiled import CompiledProgram

LIMIT = {3: 3e-6, 5: 8e-6}  # docs/accuracy.md: relative error in the mean square


def program(
    shape: tuple[int, int, int, int], k: int, r: int, machine: Machine, slide: dict[str, Any]
) -> CompiledProgram:
    x, w = (Value(Spec(each, np.dtype("float32"))) for each in (shape, (k, shape[1], r, r)))
    y = conv2d(x, w, **slide)
    graph = Graph((x, w), (y,))
    return CompiledProgram(graph, lower(graph, frozenset({x, y}), machine), 1)


def kernels(compiled: CompiledProgram) -> list[Any]:
    return [step.kernel for step in compiled.plan.forward[0].steps]


@machines
@pytest.mark.parametrize("r", [3, 5])
@examples(5)
@given(data=st.data())
def test_error_is_within_the_documented_limit(machine: Machine, r: int, data: st.DataObject) -> None:
    n, c, k = (data.draw(st.integers(*bounds)) for bounds in ((1, 5), (16, 40), (32, 40)))
    h, w = (data.draw(st.integers(7, 17)) for _ in "hw")
    error_is_small((n, c, h, w), k, r, machine)


@machines
@pytest.mark.parametrize(("r", "size"), [(3, (2, 2)), (3, (2, 7)), (3, (3, 3)), (5, (3, 3))])
def test_gradients_of_small_images_have_tiles_of_four_outputs(machine: Machine, r: int, size: tuple[int, int]) -> None:
    x, w = value("float32", 5, 320, *size), value("float32", 320, 320, r, r)
    slide = {"stride": (1, 1), "padding": ((r // 2,) * 2,) * 2, "dilation": (1, 1), "groups": 1}
    compiled = check(Graph((x, w), (conv2d(x, w, **slide),)), machine, wrt=(0,))
    tiles = [
        step.kernel.outputs
        for phase in compiled.plan.phases
        for step in phase.steps
        if isinstance(step.kernel, WinogradConvolution)
    ]
    assert tiles == [2]


@machines
@pytest.mark.parametrize("k", [8, 11])
def test_few_channels_of_output(machine: Machine, k: int) -> None:
    error_is_small((2, 64, 24, 32), k, 3, machine)


@machines
@pytest.mark.parametrize(
    ("c", "k", "r", "stride"), [(200, 136, 3, 1), (97, 97, 3, 1), (72, 70, 5, 1), (130, 48, 3, 2), (600, 24, 3, 1)]
)
def test_large_weights_are_transformed_in_each_pass(machine: Machine, c: int, k: int, r: int, stride: int) -> None:
    compiled = error_is_small((3, c, 12 * stride, 16 * stride), k, r, machine, stride=(stride, stride))
    assert [each.transforms_weights for each in kernels(compiled) if isinstance(each, WinogradConvolution)] == [True]


@machines
@pytest.mark.parametrize("r", [3, 5])
@examples(3)
@given(size=st.tuples(st.integers(15, 16), st.integers(21, 24)))
def test_windows_that_move_by_two(machine: Machine, r: int, size: tuple[int, int]) -> None:
    error_is_small((2, 32, *size), 32, r, machine, stride=(2, 2))


@machines
@examples(5)
@given(
    size=st.tuples(st.integers(16, 23), st.integers(16, 23)), dilation=st.tuples(st.integers(1, 3), st.integers(1, 3))
)
def test_dilated_windows(machine: Machine, size: tuple[int, int], dilation: tuple[int, int]) -> None:
    padding = tuple((d, d) for d in dilation)
    error_is_small((2, 32, *size), 40, 3, machine, dilation=dilation, padding=padding)


def error_is_small(
    shape: tuple[int, int, int, int], k: int, r: int, machine: Machine, **differs: Any
) -> CompiledProgram:
    """A program with Winograd's algorithm in it, which is within the limit of its window."""
    p = r // 2
    slide: dict[str, Any] = {"stride": (1, 1), "padding": ((p, p), (p, p)), "dilation": (1, 1), "groups": 1} | differs
    with patch("knoll.plan.convolution.winograd.STRIDED", 1.0):  # where it would not pay, too
        compiled = program(shape, k, r, machine, slide)
    assert any(isinstance(kernel, WinogradConvolution) for kernel in kernels(compiled))
    generator = np.random.default_rng(0)
    x = generator.standard_normal(shape).astype(np.float32)
    weights = generator.standard_normal((k, shape[1], r, r)).astype(np.float32)
    y = compiled.forward([x, weights])[0][0]
    truth = meaning(x.astype(np.float64), weights.astype(np.float64), **slide)[0]
    assert np.linalg.norm(y - truth) / np.linalg.norm(truth) < LIMIT[r]
    return compiled


@on_fused_machines
@pytest.mark.parametrize("kernel", [3, 5])
def test_what_follows_leaves_its_loop_alone(machine: Machine, element: str, kernel: int) -> None:
    source, taps = window(32, 56, kernel, machine.lanes(np.dtype(element)))
    target = Images(32, 56, 56, source.block)
    loop_is_unchanged(
        WinogradConvolution(machine, element, source, target, taps, (56, 56), 32, epilogue=long_epilogue(target))
    )
