"""What a fresh process does: import, prepare, the first result, later results.

Arguments: infer or learn, a rival's name, the network's, threads. It prints a line of JSON at the first
result and another at the end.
"""

from __future__ import annotations

import importlib
import json
import sys
import time

from benchmarks.cores import confine
from benchmarks.memory import peak_memory
from benchmarks.rivals import rival_named
from benchmarks.whole_networks import whole_network

LATER = 10  # results after the first


def main(kind: str, name: str, network: str, threads: str) -> None:
    """Go through the steps."""
    confine(int(threads))
    rival = rival_named(name)
    for module in rival.modules:
        importlib.import_module(module)
    imported = peak_memory()
    work = whole_network(network).task(int(threads))
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
