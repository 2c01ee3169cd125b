"""Rivals at one task, in turns of random order, after their results have been compared."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.layers import Array
from benchmarks.network import Task
from benchmarks.processes import Contestant, Failed, Prepare
from knoll.errors import DataError
from knoll.messages import say

WARM = 20  # calls before anything counts
WARM_SECONDS = 5.0  # or as many as take so long
TURN = 0.05  # seconds of timed calls in one turn, roughly
MOST = 200  # timed calls in one turn
COMPARED = 3  # calls in a row whose results are compared: the third loss of a training shows two updates
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Timing:
    """The seconds of one rival's calls, and how far its results were from Knoll's."""

    rival: str
    seconds: tuple[float, ...]
    difference: float

    @cached_property
    def median(self) -> float:
        """The call in the middle."""
        return statistics.median(self.seconds)

    @cached_property
    def minimum(self) -> float:
        """The fastest call."""
        return min(self.seconds)


@dataclass(frozen=True)
class Race:
    """The timings, and who could not take part and why."""

    timings: tuple[Timing, ...]
    failed: Mapping[str, str]


def race(
    entrants: Mapping[str, Prepare], task: Task, rounds: int, tell: Callable[[str], None], alone: Iterable[str] = ()
) -> Race:
    """Time all entrants; the first is Knoll, whose results all must give but those named in `alone`.

    Raises DataError if the results of an entrant differ from Knoll's, or if Knoll cannot do the task.
    """
    failed: dict[str, str] = {}
    with ExitStack() as stack:
        contestants = []
        for name, prepare in entrants.items():
            tell(say("bench.preparing", rival=name))
            try:
                contestants.append(stack.enter_context(Contestant(name, prepare, task)))
            except Failed as reason:
                if not contestants:  # nothing to compare with
                    raise DataError(say("bench.absent", rival=name, reason=reason)) from None
                failed[name] = str(reason)
        return Race(raced(contestants, rounds, tell, alone), failed)


def raced(
    contestants: list[Contestant], rounds: int, tell: Callable[[str], None], alone: Iterable[str] = ()
) -> tuple[Timing, ...]:
    """Time contestants that are prepared for one task, as `race` does."""
    differences = _compared(contestants, set(alone))
    seconds = _timed(contestants, rounds, tell)
    return tuple(Timing(c.name, tuple(seconds[c.name]), differences[c.name]) for c in contestants)


def _compared(contestants: list[Contestant], alone: set[str]) -> dict[str, float]:
    """The largest absolute difference of each contestant's results from the first one's."""
    truth: Array | None = None
    differences = dict.fromkeys((c.name for c in contestants), 0.0)
    for contestant in contestants:
        if contestant.name in alone:
            continue
        results = contestant.results(COMPARED)
        truth = results if truth is None else truth
        differences[contestant.name] = difference = largest_difference(results, truth)
        if not difference < TOLERANCE:
            raise DataError(
                say("bench.differs", rival=contestant.name, first=contestants[0].name),
                expected=f"< {TOLERANCE:g}",
                got=f"{difference:g}",
            )
    return differences


def largest_difference(results: Array, truth: Array) -> float:
    """The largest absolute difference; infinite where sizes differ. Channels may be split into blocks."""
    return float(np.abs(results.reshape(truth.shape) - truth).max()) if results.size == truth.size else math.inf


def _timed(contestants: list[Contestant], rounds: int, tell: Callable[[str], None]) -> dict[str, list[float]]:
    order = list(contestants)
    seconds: dict[str, list[float]] = {c.name: [] for c in contestants}
    calls = {}
    for contestant in contestants:
        tell(say("bench.warming", rival=contestant.name))
        first = contestant.times(1)[0]
        typical = statistics.median(contestant.times(max(min(WARM, round(WARM_SECONDS / first)), 1)))
        calls[contestant.name] = min(max(round(TURN / typical), 1), MOST)
    shuffled = random.Random(0)  # noqa: S311 (an order, not a secret)
    for number in range(rounds):
        tell(say("bench.round", number=number + 1, rounds=rounds))
        shuffled.shuffle(order)
        for contestant in order:
            seconds[contestant.name] += contestant.times(calls[contestant.name])
    return seconds
