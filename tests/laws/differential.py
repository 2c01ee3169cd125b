"""Machine code against meaning for any number of random configurations: `python tests/laws/differential.py --help`."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Annotated

from backends import close
from cyclopts import App, Parameter
from random_networks import Drawn, configuration, error_of_meaning, spread
from rich.console import Console

from knoll import get_num_threads, set_num_threads
from knoll.graph import Graph
from knoll.machine import NAMED, Machine
from knoll.messages import say
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.program import Program

AT_ONCE = 200  # configurations of one process: machine code is never unloaded
LINES = 12  # of what is said about a mismatch


@dataclass(frozen=True)
class Verdict:
    """What came of a configuration."""

    number: int
    compiled: bool = False
    mismatch: str = ""


def compare(drawn: Drawn, machine: Machine) -> bool:
    """Raise AssertionError unless the program for `machine` gives what is meant; whether all of it is machine code."""
    truth, errors = error_of_meaning(drawn)

    def backend(graph: Graph, wrt: tuple[int, ...]) -> Program:
        return build(graph, wrt, machine)

    before = get_num_threads()
    set_num_threads(drawn.threads)
    try:
        mine = drawn.outcome(backend)
    finally:
        set_num_threads(before)
    try:
        close(mine, truth, errors)
    except AssertionError:
        if drawn.whole:  # nothing is rounded
            raise
        close(mine, truth, {name: max(errors[name], moved) for name, moved in spread(drawn, backend).items()})
    return all(isinstance(program, CompiledProgram) for program in mine.programs)


def verdict(seed: int, number: int, machine: Machine) -> Verdict:
    """Draw a configuration and compare."""
    try:
        return Verdict(number, compare(configuration(seed, number), machine))
    except Exception as error:  # noqa: BLE001 (whatever goes wrong is a finding)
        lines = [line for line in str(error).splitlines() if line.strip()]
        return Verdict(number, mismatch="\n".join([type(error).__name__, *lines[:LINES]]))


# Processes


def work(seed: int, numbers: Sequence[int], machine: str, pipe: Connection) -> None:
    """Say which configuration comes, then what came of it."""
    os.environ["KNOLL_CACHE"] = "off"  # every kernel is needed once
    for number in numbers:
        pipe.send(number)
        pipe.send(verdict(seed, number, NAMED[machine]))


def verdicts(seed: int, numbers: Sequence[int], machine: str) -> Iterator[Verdict]:
    """Verdicts from a process of its own; when it dies of a configuration, another goes on behind that."""
    waiting = list(numbers)
    while waiting:
        mine, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(target=work, args=(seed, waiting, machine, theirs))
        process.start()
        theirs.close()
        try:
            while waiting:
                number = mine.recv()
                yield mine.recv()
                waiting.remove(number)
        except EOFError:
            process.join()
            yield Verdict(waiting.pop(0), mismatch=say("bench.differential_died", code=process.exitcode))
        process.join()


# The command

app = App(name="differential", help=say("bench.help_differential"), version_flags=[])


@app.default
def main(
    *,
    count: Annotated[int, Parameter(help=say("bench.help_count"))] = 100,
    machine: Annotated[str, Parameter(help=say("bench.help_machine", names=", ".join(NAMED)))] = "x86-64-v3",
    seed: Annotated[int, Parameter(help=say("bench.help_seed"))] = 0,
    first: Annotated[int, Parameter(help=say("bench.help_first"))] = 0,
    workers: Annotated[int, Parameter(help=say("bench.help_workers"))] = 1,
) -> int:
    """Compare `count` configurations; the exit code is 1 if any differs."""
    console, start = Console(highlight=False, markup=False), time.monotonic()
    batches = [range(i, min(i + AT_ONCE, first + count)) for i in range(first, first + count, AT_ONCE)]
    found: list[Verdict] = []

    def run(numbers: Sequence[int]) -> None:
        for verdict in verdicts(seed, numbers, machine):
            found.append(verdict)
            if verdict.mismatch:
                drawn = str(configuration(seed, verdict.number))
                console.print(f"{verdict.number}: {drawn}\n{verdict.mismatch}\n", soft_wrap=True)
            if len(found) % 100 == 0 or len(found) == count:
                console.print(line())

    def line() -> str:
        seconds = time.monotonic() - start
        compiled, wrong = sum(each.compiled for each in found), sum(bool(each.mismatch) for each in found)
        return say(
            "bench.differential_line",
            done=len(found), count=count, compiled=compiled, wrong=wrong, speed=len(found) / seconds, machine=machine,
        )  # fmt: skip

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, batches))
    return int(any(each.mismatch for each in found))


if __name__ == "__main__":
    raise SystemExit(app())
