"""Single layers, compiled and called as a layer, beside the best rival at each.

A rival keeps one process for all layers: its library is loaded once.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial

from benchmarks.cases.case import Case, Settings, Tell
from benchmarks.network import task
from benchmarks.processes import Contestant, Failed
from benchmarks.race import Timing, raced
from benchmarks.rivals.knoll import LAYER, PROGRAM
from benchmarks.single_layers import SingleLayer
from benchmarks.table import Column, Row, Table
from knoll.errors import DataError
from knoll.messages import say

COLUMNS = (
    Column("layer"),
    Column("compiled", 1e3, ".3f"),
    Column("called", 1e3, ".3f"),
    Column("best", 1e3, ".3f"),
    Column("best_name"),
    Column("ratio"),
)


def run(settings: Settings, tell: Tell, threads: int) -> Table:
    """A row for each layer, and the geometric mean of all ratios."""
    rows: list[Row] = []
    with ExitStack() as stack:
        contestants: dict[str, Contestant] = {}
        for layer in settings.layers:
            present = _prepared(stack, contestants, settings, layer, threads)
            tell(layer.name)
            rows.append(_row(layer, _timed(present, settings.rounds)))
    ratios = [ratio for row in rows if isinstance(ratio := row.get("ratio"), float)]
    if ratios:
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        rows.append({"layer": say("bench.geometric_mean"), "ratio": mean})
    return Table(f"layers-{threads}", say("bench.layers", threads=threads), COLUMNS, tuple(rows), {})


def _prepared(
    stack: ExitStack, contestants: dict[str, Contestant], settings: Settings, layer: SingleLayer, threads: int
) -> list[Contestant]:
    """Whoever has this layer; the first is Knoll."""
    work = task(layer.network, layer.n, threads)
    present = []
    for rival in settings.rivals:
        known = contestants.get(rival.name)
        try:
            if known and known.is_alive:
                known.prepare(rival.infer, work)
            else:
                contestants[rival.name] = stack.enter_context(Contestant(rival.name, rival.infer, work))
        except Failed as reason:
            if rival.is_knoll:
                raise DataError(say("bench.absent", rival=rival.name, reason=reason)) from None
            continue
        present.append(contestants[rival.name])
    return present


def _timed(present: list[Contestant], rounds: int) -> tuple[Timing, ...]:
    """The timings of those whose libraries live through it."""
    try:
        return raced(present, rounds, lambda _: None)
    except Failed:
        alive = [contestant for contestant in present if contestant.is_alive]
        if len(alive) == len(present) or present[0] is not alive[0]:
            raise
        return _timed(alive, rounds)


def _row(layer: SingleLayer, timings: tuple[Timing, ...]) -> Row:
    by_name = {timing.rival: timing for timing in timings}
    compiled, called = by_name.pop(PROGRAM).median, by_name.pop(LAYER).median
    row: Row = {"layer": layer.name, "compiled": compiled, "called": called}
    return row | best_rival(by_name, compiled)


def best_rival(rivals: Mapping[str, Timing], own: float) -> Row:
    """The median of the best rival, its name, and how many times as fast Knoll is."""
    if not rivals:
        return {}
    best = min(rivals.values(), key=lambda timing: timing.median)
    return {"best": best.median, "best_name": best.rival, "ratio": best.median / own}


CASES = tuple(Case(f"layers-{threads}", partial(run, threads=threads)) for threads in (1, 2))
