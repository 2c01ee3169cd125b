"""A network says what it sees, for one image and for many."""

from __future__ import annotations

from functools import partial

from benchmarks.cases.case import Case, Settings, Tell, rows_of
from benchmarks.models import network_named
from benchmarks.network import task
from benchmarks.race import race
from benchmarks.table import RIVAL, Column, Table
from knoll.messages import say

BATCHES = (1, 64, 256)
COLUMNS = (
    RIVAL,
    Column("median", 1e3, ".3f"),
    Column("minimum", 1e3, ".3f"),
    Column("speed"),
    Column("difference", form=".1g"),
)


def run(settings: Settings, tell: Tell, n: int) -> Table:
    """All rivals on a batch of `n`."""
    entrants = {rival.name: rival.infer for rival in settings.rivals}
    found = race(entrants, task(network_named(settings.model), n, settings.threads), settings.rounds, tell)
    title = say("bench.inference", model=settings.model, n=n, threads=settings.threads)
    rows = rows_of(found.timings, {r.name for r in settings.rivals if r.is_knoll})
    return Table(f"inference-{n}", title, COLUMNS, rows, dict(found.failed))


CASES = tuple(Case(f"inference-{n}", partial(run, n=n)) for n in BATCHES)
