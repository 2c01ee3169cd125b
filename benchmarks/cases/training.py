"""One step of training a network: forward, cross entropy, backward, update."""

from __future__ import annotations

from benchmarks.cases.case import Case, Settings, Tell, rows_of
from benchmarks.cases.inference import COLUMNS
from benchmarks.models import network_named
from benchmarks.network import task
from benchmarks.race import race
from benchmarks.table import Table
from knoll.messages import say

BATCH = 64


def run(settings: Settings, tell: Tell) -> Table:
    """All rivals that can train."""
    entrants = {rival.name: rival.train for rival in settings.rivals if rival.learn}
    found = race(entrants, task(network_named(settings.model), BATCH, settings.threads), settings.rounds, tell)
    title = say("bench.training", model=settings.model, n=BATCH, threads=settings.threads)
    rows = rows_of(found.timings, {r.name for r in settings.rivals if r.is_knoll})
    return Table("training", title, COLUMNS, rows, dict(found.failed))


CASES = (Case("training", run),)
