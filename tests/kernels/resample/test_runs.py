"""Which columns meet in which lane, and for how many vectors alike."""

from __future__ import annotations

from knoll.graph import Window
from knoll.kernels.resample.runs import MAX_TAPS, Pattern, Run, runs_of
from knoll.ops.resample.axes import Adaptive, Average, Axis, Linear, Nearest, Padded
from knoll.ops.resample.tables import Table


def runs(axis: Axis, size: int) -> tuple[Run, ...]:
    found = runs_of(axis.table(size), 4)
    assert found is not None
    return found


def test_vectors_that_read_alike_are_a_run() -> None:
    (run,) = runs(Average(Window(2, 2)), 32)
    assert (run.first, run.column, run.count, run.step) == (0, 0, 4, 8)
    assert run.pattern == Pattern(((0, 4), (4, 4)), ((0, 2, 4, 6), (1, 3, 5, 7)), (), (2.0,) * 4)


def test_borders_and_rests_are_runs_of_their_own() -> None:
    first, middle, last = runs(Padded(1, 1, "reflect"), 12)
    assert first.pattern.taps == ((1, 0, 1, 2),)
    assert (middle.first, middle.column, middle.count) == (4, 3, 2)
    assert (last.first, last.column, last.pattern.taps, last.pattern.loads) == (12, 10, ((1, 0),), ((0, 2),))


def test_lanes_without_a_column() -> None:
    (run,) = runs(Padded(1, 1, "constant"), 2)
    assert run.pattern.taps == ((None, 0, 1, None),)
    assert run.pattern.loads == ((0, 2),)


def test_weights_stand_beside_their_columns() -> None:
    (run,) = runs(Linear(4), 2)
    assert run.pattern.taps == ((0, 0, 0, 1), (None, 1, 1, None))
    assert run.pattern.weights == ((1.0, 0.75, 0.25, 1.0), (0.0, 0.25, 0.75, 0.0))


def test_what_reads_too_much_has_no_runs() -> None:
    assert runs_of(Adaptive(1).table(MAX_TAPS + 1), 4) is None
    assert runs_of(Average(Window(8, 8)).table(32), 4) is None
    assert runs_of(Table.of_places(3, []), 4) is None


def test_no_vector_is_read_beyond_the_row() -> None:
    for size in range(2, 40):
        for way in (Nearest(3 * size), Linear(2 * size + 1), Average(Window(2, 1, 1, 1)), Padded(1, 1, "circular")):
            for run in runs(way, size) if runs_of(way.table(size), 4) else ():
                last = run.column + run.step * (run.count - 1)
                assert all(last + offset + lanes <= size for offset, lanes in run.pattern.loads)
