"""Case and Settings: what is measured, and with what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.race import Timing
from benchmarks.rivals.rival import Rival
from benchmarks.single_layers import SINGLE_LAYERS, SingleLayer
from benchmarks.table import Row, Table

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """The rivals that are installed, the threads each may use, how many turns each has, the network's name.

    `layers` are the single layers to measure, `words` what stands in the names of the whole networks to measure.
    """

    rivals: Sequence[Rival]
    threads: int
    rounds: int
    model: str = "practice"
    layers: Sequence[SingleLayer] = SINGLE_LAYERS
    words: Sequence[str] = ()


@dataclass(frozen=True)
class Case:
    """One table; `run` is told the settings and a way to say how far it is."""

    name: str
    run: Callable[[Settings, Tell], Table]


def rows_of(timings: Sequence[Timing], knolls: set[str]) -> tuple[Row, ...]:
    """A row for each timing. `speed` is how many times as fast as the best rival's median; the best rival has 1."""
    theirs = [timing.median for timing in timings if timing.rival not in knolls]
    best = min(theirs, default=None)
    return tuple(
        {
            "rival": timing.rival,
            "median": timing.median,
            "minimum": timing.minimum,
            "speed": best / timing.median if best else None,
            "difference": timing.difference,
            "calls": len(timing.seconds),
        }
        for timing in timings
    )
