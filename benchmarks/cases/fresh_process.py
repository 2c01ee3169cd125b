"""What only a fresh process shows: the time to the first result, the time to compile, the memory of a training."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.cases.case import Case, Settings, Tell
from benchmarks.processes import Failed
from benchmarks.rivals.rival import Rival
from benchmarks.table import RIVAL, Column, Row, Table
from benchmarks.whole_networks import PRACTICE, TRAINING, WholeNetwork
from knoll.messages import say

MOST = 5  # processes of each rival; starting one takes seconds
CACHES = ("KNOLL_CACHE", "TORCHINDUCTOR_CACHE_DIR")  # where rivals keep what they have compiled
COMPILING = tuple(map(Column, ("network", "first_nothing", "first_cached", "first_torch", "later")))
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Start:
    """One fresh process.

    Seconds from its start to the first result, of the first call, of the fastest later call; bytes after the
    imports, and at most.
    """

    begun: float
    first: float
    later: float
    imported: int
    memory: int


def started(kind: str, rival: Rival, threads: int, cache: str, network: WholeNetwork = PRACTICE) -> Start:
    """Run one process whose compiled code is kept in the folder `cache`. Raises Failed with what it says last."""
    words = [sys.executable, "-m", "benchmarks.fresh", kind, rival.name, network.name, str(threads)]
    paths = os.pathsep.join(filter(None, [str(ROOT), *(p for p in sys.path if p)]))
    environment = os.environ | dict.fromkeys(CACHES, cache) | {"PYTHONPATH": paths}
    begin = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 (this Python, these words)
        words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        begun = time.perf_counter() - begin
        rest, complaints = process.communicate()
    if process.returncode:
        raise Failed((complaints.strip().splitlines() or [f"exit {process.returncode}"])[-1])
    return Start(begun, **json.loads(line), **json.loads(rest.strip().splitlines()[-1]))


@dataclass(frozen=True)
class Starts:
    """A rival's processes: one that had to compile everything, and those that found their code in the cache."""

    nothing: Start
    warm: tuple[Start, ...]


def all_starts(
    kind: str, rivals: list[Rival], settings: Settings, tell: Tell
) -> tuple[dict[str, Starts], dict[str, str]]:
    """One process from nothing for each rival, then warm ones in turns of random order; and who failed and why."""
    nothing: dict[str, Start] = {}
    warm: dict[str, list[Start]] = {rival.name: [] for rival in rivals}
    failed: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        cache = {rival.name: str(Path(folder, str(place))) for place, rival in enumerate(rivals)}
        for rival in rivals:
            tell(say("bench.from_nothing", rival=rival.name))
            try:
                nothing[rival.name] = started(kind, rival, settings.threads, cache[rival.name])
            except Failed as reason:
                failed[rival.name] = str(reason)
        order = [rival for rival in rivals if rival.name in nothing]
        rounds = min(settings.rounds, MOST)
        shuffled = random.Random(0)  # noqa: S311 (an order, not a secret)
        for number in range(rounds):
            tell(say("bench.round", number=number + 1, rounds=rounds))
            shuffled.shuffle(order)
            for rival in order:
                warm[rival.name].append(started(kind, rival, settings.threads, cache[rival.name]))
    return {name: Starts(start, tuple(warm[name])) for name, start in nothing.items()}, failed


def first_row(name: str, starts: Starts) -> Row:
    """From starting Python to the first result."""
    warm = [start.begun for start in starts.warm]
    return {"rival": name, "nothing": starts.nothing.begun, "warm": statistics.median(warm), "warm_best": min(warm)}


def training_row(name: str, starts: Starts) -> Row:
    """The first step, what of it no later one takes (compiling), and the medians of the warm processes' memory."""
    start, memory = starts.nothing, statistics.median(start.memory for start in starts.warm)
    imported = statistics.median(start.imported for start in starts.warm)
    return {
        "rival": name,
        "first": start.first,
        "once": start.first - start.later,
        "first_warm": statistics.median(start.first for start in starts.warm),
        "memory_nothing": start.memory,
        "memory": memory,
        "imported": imported,
        "beyond": memory - imported,
    }


def first_output(settings: Settings, tell: Tell) -> Table:
    """All rivals say what they see."""
    found, failed = all_starts("infer", list(settings.rivals), settings, tell)
    columns = (RIVAL, Column("nothing"), Column("warm"), Column("warm_best"))
    title = say("bench.first_output", n=PRACTICE.n, threads=settings.threads)
    return _table("start", title, columns, {name: first_row(name, starts) for name, starts in found.items()}, failed)


def training_process(settings: Settings, tell: Tell) -> Table:
    """All rivals that can train take some steps."""
    found, failed = all_starts("learn", [r for r in settings.rivals if r.learn], settings, tell)
    mega = partial(Column, scale=1e-6, form=".0f")
    memory = [mega(key) for key in ("memory_nothing", "memory", "imported", "beyond")]
    columns = (RIVAL, Column("first"), Column("once"), Column("first_warm"), *memory)
    title = say("bench.training_process", n=PRACTICE.n, threads=settings.threads)
    return _table(
        "process", title, columns, {name: training_row(name, starts) for name, starts in found.items()}, failed
    )


def _table(
    case: str, title: str, columns: tuple[Column, ...], rows: Mapping[str, Row], failed: dict[str, str]
) -> Table:
    return Table(case, title, columns, tuple(rows.values()), failed)


def compiling(settings: Settings, tell: Tell) -> Table:
    """The first training step of whole networks with Knoll, nothing cached and cached, and with PyTorch as it comes."""
    knoll = next(rival for rival in settings.rivals if rival.learn and rival.is_knoll)
    torch = next((rival for rival in settings.rivals if rival.name == "PyTorch"), None)
    rows = []
    for network in TRAINING:
        tell(network.name)
        with TemporaryDirectory() as cache:
            first, again = (started("learn", knoll, settings.threads, cache, network) for _ in range(2))
            theirs = started("learn", torch, settings.threads, cache, network) if torch else None
        rows.append(compiling_row(network.name, first, again, theirs))
    return Table("compiling", say("bench.compiling", threads=settings.threads), COMPILING, tuple(rows), {})


def compiling_row(name: str, nothing: Start, cached: Start, torch: Start | None) -> Row:
    """Seconds of the first step, and of Knoll's later ones."""
    row: Row = {"network": name, "first_nothing": nothing.first, "first_cached": cached.first, "later": cached.later}
    return row | {"first_torch": torch.first if torch else None}


CASES = (Case("start", first_output), Case("process", training_process), Case("compiling", compiling))
