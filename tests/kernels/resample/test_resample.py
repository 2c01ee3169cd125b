"""Averages, enlarging, shrinking and padding with lanes along channels against their meaning, forward and backward."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, machines, value
from hot_loops import on_fused_machines
from knoll.graph import Graph, Value, Window
from knoll.kernels.layout.layout import Images
from knoll.kernels.resample.resample import Resample
from knoll.llvm.compile import assembly
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.resample.axes import Adaptive, Average, Axis, Linear, Nearest, Padded
from knoll.ops.resample.resample import resample2d
from knoll.run.build import compile_graph
from resampling import CLOSELY, axes


def between_sums(x: Value, rows: Axis, columns: Axis) -> Graph:
    """A resampling between two other layers, forward and backward: with lanes along channels."""
    y = resample2d(add(x, x), rows=rows, columns=columns)
    return Graph((x,), (add(y, y),))


@machines
@elements
@examples(5)
@given(axes(), axes(), st.integers(1, 70), st.integers(1, 3))
def test_any_two_ways(
    machine: Machine, dtype: str, rows: tuple[int, Axis], columns: tuple[int, Axis], c: int, n: int
) -> None:
    x = value(dtype, n, c, rows[0], columns[0])
    check(between_sums(x, rows[1], columns[1]), machine, **CLOSELY)


@machines
@pytest.mark.parametrize(
    ("size", "rows", "columns"),
    [
        ((7, 7), Adaptive(1), Adaptive(1)),
        ((5, 100), Adaptive(1), Adaptive(1)),
        ((3, 90), Adaptive(2), Average(Window(41, 7))),
        ((30, 31), Average(Window(13)), Average(Window(13))),
        ((8, 16), Linear(64), Linear(128)),
        ((7, 9), Linear(31, corners=True), Linear(65, corners=True)),
        ((4, 5), Padded(3, 3, "reflect"), Padded(50, 60, "symmetric")),
        ((4, 5), Padded(-4, 4, "constant"), Padded(0, 40, "constant")),
    ],
)
@pytest.mark.parametrize("channels", [1, 16, 37])
def test_large_windows_and_long_rows(machine: Machine, size: Any, rows: Axis, columns: Axis, channels: int) -> None:
    x = value("float32", 2, channels, *size)
    check(between_sums(x, rows, columns), machine, **CLOSELY)


def test_between_other_layers() -> None:
    x = value("float32", 3, 20, 9, 10)
    y = relu(resample2d(relu(x), rows=Linear(18), columns=Linear(20)))
    y = resample2d(y, rows=Average(Window(3, 2, 1, 1)), columns=Average(Window(2, 2)))
    check(Graph((x,), (y,)), host(), **CLOSELY)


def test_copies_are_exact_and_zeros_meet_no_infinity() -> None:
    x = value("float32", 1, 3, 4, 4)
    array = np.full(x.spec.shape, np.inf, np.float32)
    array[:, :, 1:3, 1:3] = -0.0
    for ways in ((Padded(-1, -1, "constant"),) * 2, (Average(Window(2), False), Padded(-1, -1, "reflect"))):
        y = resample2d(x, rows=ways[0], columns=ways[1])
        (truth,) = resample2d.meaning(array, rows=ways[0], columns=ways[1])
        for output in (y, relu(y)):
            program = compile_graph(Graph((x,), (output,)), (), host())
            assert program is not None
            (given,), _ = program.forward([array])
            np.testing.assert_array_equal(given, truth)


@on_fused_machines
@pytest.mark.parametrize(
    "way", [Average(Window(2, 2)), Average(Window(3, 1, 1, 1)), Adaptive(1), Linear(112), Nearest(112)]
)
@pytest.mark.parametrize("back", [False, True])
def test_sums_of_rows_and_columns_leave_the_stack_alone(machine: Machine, element: str, way: Axis, back: bool) -> None:
    size = 56
    if back:
        way, size = way.back(size), way.positions(size)
    table, block = way.table(size), machine.lanes(np.dtype(element))
    source, target = Images(64, size, size, block), Images(64, way.positions(size), way.positions(size), block)
    text = assembly(Resample(machine, element, source, target, table, table).written().text(), machine)
    assert re.search(r"\tvmovup[sd]\s", text)
    assert [line for line in text.splitlines() if line.startswith("\tv") and "(%rsp" in line] == []
