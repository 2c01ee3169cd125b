"""Windows over plain images that stay plain against their meaning: one pass, whatever the widths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import arrays_for, check, elements, examples, in_machine_code, machines, value
from hot_loops import on_fused_machines
from knoll.graph import Array, Graph, Window
from knoll.kernels.layout.layout import Images
from knoll.kernels.resample.plain_windows import PlainMaxPool, PlainResample
from knoll.llvm.compile import assembly
from knoll.machine import Machine, host
from knoll.ops.convolution.conv import conv2d
from knoll.ops.differentiate import differentiate
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.resample.axes import PADDINGS, Adaptive, Average, Axis, Linear, Nearest, Padded
from knoll.ops.resample.resample import resample2d
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import ReferenceProgram
from pooling import shapes, slides
from resampling import CLOSELY, axes


def forward(graph: Graph, machine: Machine, arrays: list[Array] | None = None, **closely: Any) -> CompiledProgram:
    """Compiled without gradient equals meaning: to the last bit, unless told how closely."""
    program, arrays = in_machine_code(graph, (), machine), arrays or arrays_for(graph)
    (y,), (truth,) = program.forward(arrays)[0], ReferenceProgram(graph, differentiate(graph, ())).forward(arrays)[0]
    np.testing.assert_allclose(y, truth, **(closely or {"rtol": 0}))
    return program


@machines
@elements
@examples(4)
@given(axes(), axes(), st.integers(1, 20), st.integers(1, 3))
def test_sums(machine: Machine, dtype: str, rows: tuple[int, Axis], columns: tuple[int, Axis], c: int, n: int) -> None:
    x = value(dtype, n, c, rows[0], columns[0])
    check(Graph((x,), (resample2d(x, rows=rows[1], columns=columns[1]),)), machine, **CLOSELY)


@machines
@elements
@examples(4)
@given(shapes, slides())
def test_maxima(machine: Machine, dtype: str, shape: Any, case: Any) -> None:
    x = value(dtype, *shape, *case[1])
    forward(Graph((x,), max_pool2d.node(x, **case[0]).outputs[:1]), machine)


@machines
@pytest.mark.parametrize(
    "way",
    [
        Average(Window(2, 2)),
        Average(Window(3, 1, 1, 1)),
        Adaptive(28),
        Linear(112),
        Nearest(112),
        *(Padded(1, 2, mode) for mode in PADDINGS),
    ],
    ids=repr,
)
def test_one_pass_at_the_sizes_of_networks(machine: Machine, way: Axis) -> None:
    x = value("float32", 1, 3, 56, 56)
    program = check(Graph((x,), (resample2d(x, rows=way, columns=way),)), machine, **CLOSELY)
    assert [type(step.kernel) for phase in program.plan.forward for step in phase.steps] == [PlainResample]
    assert [type(step.kernel) for phase in program.plan.backward for step in phase.steps] == [PlainResample]


@machines
@pytest.mark.parametrize("window", [2, 3])
def test_maxima_take_one_pass_and_keep_what_is_no_number(machine: Machine, window: int) -> None:
    x = value("float32", 1, 3, 37, 70)
    array = arrays_for(Graph((x,), (x,)))[0]
    array.flat[::31], array.flat[5::43], array.flat[3::37] = np.nan, np.inf, -np.inf
    slide = {"kernel": (window,) * 2, "stride": (2, 2), "padding": (window // 2,) * 2, "dilation": (1, 1), "ceil": True}
    program = forward(Graph((x,), max_pool2d.node(x, **slide).outputs[:1]), machine, [array])
    assert [type(step.kernel) for phase in program.plan.forward for step in phase.steps] == [PlainMaxPool]


@machines
@elements
@pytest.mark.parametrize("window", [3, 4, 5, 6, 9])
def test_maxima_of_negative_numbers(machine: Machine, dtype: str, window: int) -> None:
    x = value(dtype, 1, 3, 2 * window, 2 * window + 1)
    slide = {"kernel": (window,) * 2, "stride": (window,) * 2, "padding": (0, 0), "dilation": (1, 1), "ceil": False}
    negative = (-1 - np.random.default_rng(0).random(x.spec.shape)).astype(dtype)
    forward(Graph((x,), max_pool2d.node(x, **slide).outputs[:1]), machine, [negative])


def test_what_lies_in_blocks_is_enlarged_after_it_is_laid_out() -> None:
    """The smaller of the two is copied, and the result written once."""
    x, w = value("float32", 2, 3, 9, 9), value("float32", 17, 3, 3, 3)
    y = conv2d(x, w, stride=(1, 1), padding=((1, 1),) * 2, dilation=(1, 1), groups=1)
    larger, smaller = (
        forward(Graph((x, w), (resample2d(y, rows=way, columns=way),)), host(), rtol=1e-5, atol=1e-5)
        for way in (Linear(18), Linear(5))
    )
    assert ["resample2d_plain" in repr(program.plan) for program in (larger, smaller)] == [True, False]


@on_fused_machines
def test_vectors_are_sorted_in_registers(machine: Machine, element: str) -> None:
    table = Nearest(112).table(56)
    kernel = PlainResample(machine, element, Images(4, 56, 56), Images(4, 112, 112), table, table)
    text = assembly(kernel.written().text(), machine)
    assert [line for line in text.splitlines() if line.startswith("\tv") and "(%rsp" in line] == []
