"""A forked child has none of its parent's other threads, and so none of the locks that these hold."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from functools import cached_property
from pathlib import Path

import pytest

import knoll
from knoll import locks
from knoll.locks import renewed

SOURCE = Path(knoll.__file__).parent
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def test_every_lock_is_known_to_be_made_anew() -> None:
    made = re.compile(r"threading\.(Lock|RLock|Condition|Semaphore|BoundedSemaphore|Event|Barrier)\(")
    files = [file for file in SOURCE.rglob("*.py") if file.name != "locks.py"]
    assert not [str(file) for file in files if made.search(file.read_text(encoding="utf-8"))]


class Guarded:
    def __init__(self) -> None:
        self.lock = renewed(self, "lock", threading.Lock)
        self.news = renewed(self, "news", threading.Condition)


def in_child(check: object) -> int:
    """The exit status of a forked child in which `check` is called."""
    assert callable(check)
    child = os.fork()
    if not child:
        status = 1
        try:
            status = 0 if check() else 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def held_elsewhere(lock: threading.Lock, done: threading.Event) -> threading.Thread:
    """A thread that holds a lock until all is done."""
    ready = threading.Event()

    def hold() -> None:
        with lock:
            ready.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    ready.wait()
    return thread


@forks
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # forking with threads is what is tested
def test_locks_that_another_thread_holds_are_free_in_a_child() -> None:
    guarded, done = Guarded(), threading.Event()
    property_ = next(v for v in vars(knoll.graph.Graph).values() if isinstance(v, cached_property))
    every = [guarded.lock, *([property_.lock] if sys.version_info < (3, 12) else [])]
    threads = [held_elsewhere(lock, done) for lock in every]
    try:
        assert in_child(lambda: guarded.lock.acquire(timeout=5) and guarded.news.acquire(timeout=5)) == 0
        assert in_child(lambda: getattr(property_, "lock", threading.RLock()).acquire(timeout=5)) == 0
        assert guarded.lock.locked()
    finally:
        done.set()
        for thread in threads:
            thread.join()


@forks
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_waits_for_what_no_child_could_go_on_with() -> None:
    done, order = threading.Event(), list[str]()

    def compile_() -> None:
        with locks.unforked():
            done.set()
            threading.Event().wait(0.05)
            order.append("compiled")

    thread = threading.Thread(target=compile_)
    thread.start()
    done.wait()
    assert in_child(lambda: order == ["compiled"] and locks.unforked().acquire(timeout=5)) == 0
    thread.join()
    with locks.unforked():
        pass


PROGRAM = """
import os, sys, threading
import numpy as np
import knoll
from knoll import nn

def net(channels):
    return nn.Sequential(nn.Conv2d(3, channels, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(9 * channels, 5))

x, known = knoll.randn(4, 3, 8, 8), net(8)
truth = known(x).detach().numpy()
begun, stop = threading.Event(), threading.Event()

def work(kind):
    channels = 10
    while not stop.is_set():
        channels += kind == "compile"
        begun.set()
        (known if kind == "compute" else net(channels))(x).sum().backward()

threads = [threading.Thread(target=work, args=(kind,)) for kind in ("compile", "compute", "compute")]
for thread in threads:
    thread.start()
begun.wait()
status = []
for number in range(3):
    child = os.fork()
    if not child:
        new = net(3 + number)
        new(x).sum().backward()
        knoll.compile(new, x)(x.numpy())
        os._exit(not np.array_equal(known(x).detach().numpy(), truth))
    status.append(os.waitpid(child, 0)[1])
stop.set()
for thread in threads:
    thread.join()
sys.exit(any(status))
"""


@forks
@pytest.mark.parametrize("way", ["futex", "condition"])
def test_children_forked_while_others_compile_and_compute_go_on(way: str, tmp_path: Path) -> None:
    if way == "futex" and sys.platform != "linux":
        pytest.skip("Linux's way")
    environment = os.environ | {"PYTHONPATH": str(SOURCE.parent), "KNOLL_CACHE": str(tmp_path), "KNOLL_WAIT": way}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    assert subprocess.run(command, env=environment, timeout=120, check=False).returncode == 0
