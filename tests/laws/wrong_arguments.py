"""Random arguments for every public callable: `python tests/laws/wrong_arguments.py --help`."""

from __future__ import annotations

import atexit
import collections
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from typing import Annotated, Any

from arguments_drawn import call, targets
from cyclopts import App, Parameter
from rich.console import Console

AT_ONCE = 1000  # calls of one process
SECONDS = 20  # for one call
BYTES = 6 << 30  # for one process

app = App(help="Call everything public with random arguments, and report what ends in an error from inside.")


class TooLong(BaseException):
    """A call that did not end in time."""


def _too_long(*_: Any) -> None:
    raise TooLong


@app.command
def part(first: int, last: int, seed: int = 0) -> None:
    """Make the calls from `first` to before `last`, and print a line for each finding."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    signal.signal(signal.SIGALRM, _too_long)
    known = targets()
    folder = tempfile.mkdtemp(prefix="knoll-arguments-")  # what calls write
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chdir(folder)
    for number in range(first, last):
        print(f"# {number}", file=sys.stderr, flush=True)
        target = known[number % len(known)]
        signal.alarm(SECONDS)
        try:
            found = call(target, f"{seed}.{number}")
        except TooLong:
            found = f"not at an end after {SECONDS} s"
        signal.alarm(0)
        if found:
            print(f"{number}\t{target.name}\t{found}", flush=True)


@app.default
def main(*, count: Annotated[int, Parameter(help="how many calls")] = 24000, seed: int = 0) -> None:
    """Make all calls, in processes that may die."""
    console, findings, start = Console(soft_wrap=True), [], 0
    while start < count:
        stop = min(start + AT_ONCE, count)
        command = [sys.executable, __file__, "part", str(start), str(stop), "--seed", str(seed)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        findings += run.stdout.splitlines()
        if run.returncode:
            last = int(([line for line in run.stderr.splitlines() if line.startswith("# ")] or ["# 0"])[-1][2:])
            findings.append(f"{last}\t?\tthe process died: {run.returncode} {run.stderr[-300:]!r}")
            stop = last + 1
        start = stop
    for line in findings:
        console.print(line, markup=False, highlight=False)
    for kind, number in collections.Counter(line.split("\t")[2] for line in findings).most_common(20):
        console.print(number, kind, markup=False, highlight=False)
    console.print(f"{len(findings)} of {count} calls ended in an error from inside")


if __name__ == "__main__":
    app()
