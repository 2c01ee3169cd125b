"""Averages, enlarging, shrinking and padding against their meaning, forward and backward."""

from __future__ import annotations

import cProfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, machines, value
from knoll.graph import Graph, Window
from knoll.kernels.resample.segments import segments_of
from knoll.llvm.builder import KernelBuilder
from knoll.machine import Machine, host
from knoll.ops.axes import FLOAT32, PADDINGS, Adaptive, Average, Axis, Linear, Nearest, Padded
from knoll.ops.elementwise import relu
from knoll.ops.resample import resample2d
from knoll.ops.tables import Table
from knoll.run.build import compiled

# Sums of few terms that cancel: of the largest number, or of one.
CLOSELY: Any = {"tolerance": {"float32": 2e-6, "float64": 4e-15}, "least": 1.0}


@st.composite
def axes(draw: st.DrawFn) -> tuple[int, Axis]:
    """The size of an axis, and something that can be done with it."""
    size = draw(st.integers(2, 34))
    return size, draw(st.one_of(averages(size), st.builds(Adaptive, st.integers(1, 36)), enlarged(), padded(size)))


def averages(size: int) -> st.SearchStrategy[Axis]:
    """Windows that fit, with or without padding, hanging over, divided by a number of one's own."""
    windows = st.integers(1, size).flatmap(
        lambda kernel: st.builds(
            lambda stride, padding, ceil: Window(kernel, stride, padding, padding, ceil=ceil),
            st.integers(1, 5),
            st.integers(0, kernel // 2),
            st.booleans(),
        )
    )
    return st.builds(Average, windows, st.booleans(), st.none() | st.just(-3))


def enlarged() -> st.SearchStrategy[Axis]:
    """Results between elements."""
    sizes, scales = st.integers(1, 50), st.none() | st.sampled_from([0.3, 1.5, 2.0, 3.0])
    return st.one_of(
        st.builds(Nearest, sizes, scales, st.booleans()),
        st.builds(Linear, sizes, scales, st.booleans()),
        st.builds(lambda k: Linear(k * 8), st.integers(1, 4)),
    )


def padded(size: int) -> st.SearchStrategy[Axis]:
    """More on both sides, or less on one."""
    ends = st.integers(0, size - 1) | st.just(-1)
    return st.builds(Padded, ends, st.integers(0, size - 1), st.sampled_from(PADDINGS))


@machines
@elements
@examples(5)
@given(axes(), axes(), st.integers(1, 70), st.integers(1, 3))
def test_any_two_ways(
    machine: Machine, dtype: str, rows: tuple[int, Axis], columns: tuple[int, Axis], c: int, n: int
) -> None:
    x = value(dtype, n, c, rows[0], columns[0])
    check(Graph((x,), (resample2d(x, rows=rows[1], columns=columns[1]),)), machine, **CLOSELY)


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
    check(Graph((x,), (resample2d(x, rows=rows, columns=columns),)), machine, **CLOSELY)


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
        program = compiled(Graph((x,), (resample2d(x, rows=ways[0], columns=ways[1]),)), (), host())
        assert program is not None
        (y,), _ = program.forward([array])
        (truth,) = resample2d.meaning(array, rows=ways[0], columns=ways[1])
        np.testing.assert_array_equal(y, truth)


@given(st.lists(st.lists(st.integers(0, 9), max_size=3, unique=True), min_size=1, max_size=40), st.integers(1, 6))
def test_runs_are_the_table(lists: list[list[int]], capacity: int) -> None:
    table = Table.of_places(10, list(map(tuple, lists)))
    runs = segments_of(table, capacity)
    if runs is None:
        return
    found: dict[int, tuple[int, ...]] = {}
    for run in runs:
        assert len(run.columns(table)) <= capacity or run.width == 1
        for time in range(run.count):
            for result in run.results():
                places = tuple(place + time * run.step for place in table.of(result))
                assert found.setdefault(result + time * run.apart, places) == places
    assert [found[result] for result in range(len(lists))] == list(map(tuple, lists))


def test_tables_that_repeat_themselves_are_few_runs() -> None:
    for table in (
        Average(Window(2, 2)).table(56),
        Linear(448).table(56),
        Nearest(112).table(56),
        Adaptive(4).table(14),
    ):
        runs = segments_of(table, capacity=16)
        assert runs is not None
        assert len(runs) <= 4
    assert segments_of(Average(Window(13)).back(35).table(23), capacity=16) is None


@pytest.mark.parametrize(
    "axis",
    [
        Average(Window(2, 2)),
        Average(Window(3, 2, 1, 1), counts_padding=False),
        Average(Window(500)),
        Adaptive(7),
        Adaptive(9_999),
        Nearest(17_777),
        Linear(20_000),
        *(Padded(40, 40, mode) for mode in PADDINGS),
    ],
    ids=repr,
)
def test_planning_takes_no_step_for_each_place(axis: Axis) -> None:
    """Python calls, counted, of drawing up a table for a long axis, of its transpose, and of looking for runs."""

    def calls(size: int) -> int:
        axes = (axis, axis.back(size))
        tables = [
            way.make_table(length, FLOAT32) for way, length in zip(axes, (size, axis.positions(size)), strict=True)
        ]
        profile = cProfile.Profile()
        with profile:
            for table in tables:
                assert table.results
                segments_of(table, capacity=16)
                hash(table)
            axis.make_table(size, FLOAT32).transposed()
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(80_021) < 4 * calls(5_003)  # results are compared in chunks, each twice as long as the one before


def test_long_tables_are_written_as_bytes() -> None:
    k = KernelBuilder("k", host(), np.dtype(np.float32), 1)
    numbers = np.arange(100) * 1.5
    k.table(numbers, k.scalar)
    k.table(numbers[:3], k.scalar)
    text = k.text()
    assert "".join(f"\\{byte:02X}" for byte in numbers.astype("<f4").tobytes()) in text
    assert "[3 x float] [float 0x" in text
