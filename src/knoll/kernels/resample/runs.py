"""How vectors of neighbouring results read a row: which columns meet in which lane, and for how many vectors alike.

Of each vector of results the columns that it reads are loaded as a few whole vectors, and sorted into lanes by shuffles
with constant masks. Vectors that read alike, a constant step of columns apart, are a run, which is one loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from knoll.kernels.layout.lanes import shuffled
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register
from knoll.ops.resample.tables import Table

MAX_TAPS = 8  # columns of a result; more are summed faster with lanes along channels
MAX_LOADS = 5  # vectors that a vector of results is sorted from
MAX_RUNS = 10  # more would make the code too long

Lane = tuple[int | None, ...]


@dataclass(frozen=True)
class Pattern:
    """What a vector of results reads, counted from its first column.

    loads    for each vector of columns: how far it begins from the first column, and how many of its lanes there are
    taps     for each tap and lane the column; None in lanes with fewer taps
    weights  for each tap and lane; none where all are 1
    divisors for each lane
    """

    loads: tuple[tuple[int, int], ...]
    taps: tuple[Lane, ...]
    weights: tuple[tuple[float, ...], ...]
    divisors: tuple[float, ...]


@dataclass(frozen=True)
class Run:
    """`count` vectors of results from result `first` on; the first column is `column`, and grows by `step`."""

    pattern: Pattern
    first: int
    column: int
    count: int = 1
    step: int = 0


@lru_cache(maxsize=256)
def runs_of(table: Table, lanes: int) -> tuple[Run, ...] | None:
    """The results of a table in runs of vectors; None where a vector reads too much, or too many read differently."""
    if table.most > MAX_TAPS or not table.results:
        return None
    runs: list[Run] = []
    for first in range(0, table.results, lanes):
        run = _vector(table, first, lanes)
        if len(run.pattern.loads) > MAX_LOADS:
            return None
        if runs and _continues(runs[-1], run):
            runs[-1] = replace(runs[-1], count=runs[-1].count + 1, step=_step(runs[-1], run))
        elif len(runs) == MAX_RUNS:
            return None
        else:
            runs.append(run)
    return tuple(runs)


def _step(run: Run, other: Run) -> int:
    """Columns from the last vector of a run to another."""
    return other.column - run.column - run.step * (run.count - 1)


def _continues(run: Run, other: Run) -> bool:
    return run.pattern == other.pattern and (run.count == 1 or _step(run, other) == run.step)


def _vector(table: Table, first: int, lanes: int) -> Run:
    """The run of one vector of results."""
    results = range(first, min(first + lanes, table.results))
    places = [table.of(result) for result in results]
    column = min((place for each in places for place in each), default=0)
    reached = sorted({(place - column) // lanes * lanes for each in places for place in each})
    loads = tuple((offset, min(lanes, table.size - column - offset)) for offset in reached)
    most = max(map(len, places))
    taps = tuple(tuple(each[tap] - column if tap < len(each) else None for each in places) for tap in range(most))
    weights: tuple[tuple[float, ...], ...] = ()
    if table.weights is not None:
        start, listed = table.starts, table.weights
        weights = tuple(
            tuple(
                float(listed[start[result] + tap]) if tap < len(each) else 0.0
                for result, each in zip(results, places, strict=True)
            )
            for tap in range(most)
        )
    return Run(
        Pattern(loads, taps, weights, tuple(table.divisors[results.start : results.stop].tolist())), first, column
    )


def sorted_into_lanes(k: KernelBuilder, loaded: dict[int, Register], columns: Lane) -> Register:
    """A vector of columns out of vectors that begin at some offsets; zero in lanes that have no column."""
    wanted = [*columns, *(columns[-1:] * (k.lanes - len(columns)))]
    result: Register | None = None
    for offset, vector in loaded.items():
        lanes = {lane: c - offset for lane, c in enumerate(wanted) if c is not None and offset <= c < offset + k.lanes}
        result = _merged(k, result, vector, lanes) if lanes else result
    if result is None:
        return k.zero()
    missing = {lane: 0 for lane, column in enumerate(wanted) if column is None}
    return _merged(k, result, k.zero(), missing) if missing else result


def _merged(k: KernelBuilder, result: Register | None, vector: Register, lanes: dict[int, int]) -> Register:
    """The result with some lanes from another vector."""
    if result is not None:
        return shuffled(k, result, vector, [k.lanes + lanes[i] if i in lanes else i for i in range(k.lanes)])
    if all(lane == place for lane, place in lanes.items()):
        return vector
    return shuffled(k, vector, vector, [lanes.get(i, i) for i in range(k.lanes)])


def in_lanes(k: KernelBuilder, numbers: Sequence[float], rest: float) -> Register:
    """Constants, one for each lane, and `rest` in the lanes beyond."""
    words = [*numbers, *([rest] * (k.lanes - len(numbers)))]
    return Register(k, k.vector, "<" + ", ".join(f"{k.scalar} {k.literal(number)}" for number in words) + ">")
