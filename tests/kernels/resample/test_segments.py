"""Where a table repeats itself: segments are the table, and are found without a step for each place."""

from __future__ import annotations

import cProfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.graph import Window
from knoll.kernels.resample.segments import segments_of
from knoll.ops.resample.axes import FLOAT32, PADDINGS, Adaptive, Average, Axis, Linear, Nearest, Padded
from knoll.ops.resample.tables import Table


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
                assert found.setdefault(result + time * run.stride, places) == places
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
