"""Whole networks beside the best rival at each: inference, and steps of training with the memory that they take.

Every rival has a new process for each network, so that its memory is that of this network.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from functools import partial

import numpy as np

from benchmarks.cases.case import Case, Settings, Tell
from benchmarks.cases.layers import best_rival
from benchmarks.layers import Array
from benchmarks.processes import Contestant, Failed
from benchmarks.race import TOLERANCE, Timing, largest_difference, raced
from benchmarks.rivals.knoll import LAYER, PROGRAM
from benchmarks.table import Column, Row, Table
from benchmarks.whole_networks import INFERENCE, TRAINING, WholeNetwork
from knoll.errors import DataError
from knoll.messages import say

LOSSES = 2  # that are compared: the second shows an update; in the third of a deep network rounding shows, too
MOVED = 0.2  # of the mean square of a network with unpoolings; results of other images differ by more than 1
MILLISECONDS = partial(Column, scale=1e3, form=".1f")
MEGABYTES = partial(Column, scale=1e-6, form=".0f")
INFERENCE_COLUMNS = (
    Column("network"), MILLISECONDS("compiled"), MILLISECONDS("net"), MILLISECONDS("best"), Column("best_name"),
    Column("ratio"),
)  # fmt: skip
TRAINING_COLUMNS = (
    Column("network"), MILLISECONDS("step"), MILLISECONDS("best"), Column("best_name"), Column("ratio"),
    MEGABYTES("memory_knoll"), MEGABYTES("memory_torch"),
)  # fmt: skip


def run(settings: Settings, tell: Tell, n: int) -> Table:
    """A row for each network: compiled, called, and the best rival."""
    rows, failed = [], dict[str, str]()
    for network in _chosen(INFERENCE[n], settings):
        tell(network.name)
        timings, _ = _raced(network, settings, failed, learning=False)
        compiled, called = timings.pop(PROGRAM).median, timings.pop(LAYER).median
        row: Row = {"network": network.name, "compiled": compiled, "net": called}
        rows.append(row | best_rival(timings, compiled))
    title = say("bench.networks", n=n, threads=settings.threads)
    return Table(f"networks-{n}", title, INFERENCE_COLUMNS, tuple(rows), failed)


def run_training(settings: Settings, tell: Tell) -> Table:
    """A row for each network: a step, the best rival's, and the most memory that Knoll and PyTorch held."""
    rows, failed = [], dict[str, str]()
    for network in _chosen(TRAINING, settings):
        tell(network.name)
        timings, memory = _raced(network, settings, failed, learning=True)
        step = timings.pop(LAYER).median
        row: Row = {"network": f"{network.name}, {network.n}", "step": step, "memory_knoll": memory.pop(LAYER)}
        rows.append(row | best_rival(timings, step) | {"memory_torch": min(memory.values(), default=None)})
    title = say("bench.training_networks", threads=settings.threads)
    return Table("training-networks", title, TRAINING_COLUMNS, tuple(rows), failed)


def _chosen(networks: tuple[WholeNetwork, ...], settings: Settings) -> list[WholeNetwork]:
    """Those whose names contain one of the words that are asked for."""
    return [each for each in networks if not settings.words or any(word in each.name for word in settings.words)]


def _raced(
    network: WholeNetwork, settings: Settings, failed: dict[str, str], learning: bool
) -> tuple[dict[str, Timing], dict[str, int]]:
    """The timings of all rivals that give Knoll's results, and the most memory that each held; why others did not."""
    rivals = [rival for rival in settings.rivals if rival.learn or not learning]
    work = network.task(settings.threads)
    with ExitStack() as stack:
        present, truth = [], None
        for rival in rivals:
            prepare = rival.train if learning else rival.infer
            try:
                contestant = stack.enter_context(Contestant(rival.name, prepare, work))
                results = contestant.results(LOSSES if learning else 1)
                truth = results if truth is None else truth
                check_results(results, truth, unpools=not learning and bool(work.network.labelled))
            except Failed as reason:
                if rival.is_knoll:
                    raise DataError(say("bench.absent", rival=rival.name, reason=reason)) from None
                failed[f"{network.name}, {rival.name}"] = str(reason)
            else:
                present.append(contestant)
        timings = raced(present, settings.rounds, lambda _: None, alone=[contestant.name for contestant in present])
        memory = {contestant.name: contestant.memory() for contestant in present}
    return {timing.rival: timing for timing in timings}, memory


def check_results(results: Array, truth: Array, unpools: bool) -> None:
    """Raise Failed where results differ by more than rounding, of the largest number.

    Where two numbers of a pooling window are almost equal, rounding decides which is the largest, and with an unpooling
    it comes back a pixel further on. What depends on it differs; the mean square tells that from another result.
    """
    if unpools:
        difference = math.inf
        if results.size == truth.size:
            moved = np.square(results.reshape(truth.shape) - truth).mean() / np.square(truth).mean()
            difference = math.sqrt(float(moved))
        if not difference < MOVED:
            raise Failed(say("bench.other_mean_square", difference=f"{difference:.1g}"))
        return
    difference = largest_difference(results, truth) / float(np.abs(truth).max())
    if not difference < TOLERANCE:
        raise Failed(say("bench.other_results", difference=f"{difference:.1g}"))


CASES = (
    *(Case(f"networks-{n}", partial(run, n=n)) for n in INFERENCE),
    Case("training-networks", run_training),
)
