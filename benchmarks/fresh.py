"""What a fresh process does: import, prepare, the first result, later results.

Arguments: infer or learn, a rival's name, the size of the batch, threads. It prints a line of JSON at the first
result and another at the end.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.cores import confine
from benchmarks.network import practice, task
from benchmarks.rivals import rival_named

LATER = 10  # results after the first


def peak_memory() -> int:
    """The most memory this process has held, in bytes.

    On Linux `getrusage` also counts what the parent held when it started this process, as `exec` keeps the mark; so the
    mark of this memory alone is read. Source: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main(kind: str, name: str, n: str, threads: str) -> None:
    """Go through the steps."""
    confine(int(threads))
    rival = rival_named(name)
    for module in rival.modules:
        importlib.import_module(module)
    imported = peak_memory()
    work = task(practice(), int(n), int(threads))
    call = rival.infer(work) if kind == "infer" else rival.train(work)
    start = time.perf_counter()
    call()
    first = time.perf_counter() - start
    print(json.dumps({"first": first}), flush=True)
    times = []
    for _ in range(LATER):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    print(json.dumps({"later": min(times), "imported": imported, "memory": peak_memory()}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
