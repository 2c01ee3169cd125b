"""Worker threads that wait in native code.

A worker is a Python thread that makes one native call and stays in it: it spins on an atomic word for some
microseconds, then sleeps (`waiting.py`). It does not hold the global interpreter lock. One dispatch runs a whole
program. A caller that finds the workers in use by another thread runs its program alone. After a fork the child starts
workers of its own.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from contextlib import suppress

import numpy as np

from knoll.errors import ArgumentError
from knoll.graph.spec import Array
from knoll.locks import renewed, renewed_in
from knoll.machine import host
from knoll.messages import say
from knoll.run.code_cache import load_or_compile
from knoll.run.waiting import run_time, wait_method

MAX_THREADS = 256


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Setting:
    threads: int | None = None


def get_num_threads() -> int:
    """How many threads a program may use: `set_num_threads`, else `KNOLL_THREADS`, else one for each core."""
    if _Setting.threads is not None:
        return _Setting.threads
    named = os.environ.get("KNOLL_THREADS", "").strip()
    if not named:
        return min(cores(), MAX_THREADS)
    with suppress(ValueError):
        if 1 <= int(named) <= MAX_THREADS:
            return int(named)
    raise ArgumentError(say("run.threads_named", most=MAX_THREADS, came=named))


def set_num_threads(count: int) -> None:
    """Use `count` threads from now on; results do not depend on it.

    >>> set_num_threads(1)
    >>> get_num_threads()
    1
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_THREADS:
        raise ArgumentError(say("run.threads", most=MAX_THREADS, count=count))
    _Setting.threads = count


class Pool:
    """The workers of this process, and the control block through which they get work."""

    lock: threading.Lock
    hired: int
    started: int

    def __init__(self) -> None:
        self.lock = renewed(self, "lock", threading.Lock)
        self.control: Array = np.zeros(64, np.int64)
        self._address = self.control.ctypes.data
        self.started = 1
        machine, self._wait_method = host(), wait_method()
        functions = ("worker", "dispatch")
        what = f"workers {machine} {sys.platform} {self._wait_method}"
        code = load_or_compile(what, functions, machine, lambda: run_time(machine, self._wait_method))
        worker, dispatch = map(code.address, functions)
        self._worker = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)(worker)
        self._dispatch = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(dispatch)
        self._running, self._wake = False, renewed(self, "_news", threading.Condition)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object((self.control, code)))  # workers wait in them when Python ends

    def start(self, threads: int) -> int:
        """Start workers up to `threads`; returns how many there are, fewer if the system refuses more."""
        while self.started < threads:
            seen, name = int(self.control[0]), f"knoll-{self.started}"
            worker = threading.Thread(target=self._worker_loop, args=(self.started, seen), daemon=True, name=name)
            try:
                worker.start()
            except (RuntimeError, MemoryError):
                break
            self.started += 1
        return min(self.started, threads)

    def _worker_loop(self, thread: int, seen: int) -> None:
        """The loop of a worker, which has seen `seen` dispatches; with a futex it is one native call."""
        while True:
            seen = self._worker(self._address, thread, seen)
            with self._wake:
                while not self._running:
                    self._wake.wait()

    def dispatch(self, phases: int, threads: int) -> None:
        """Run the list of phases at the address `phases`; returns when all threads are done."""
        if threads == 1 or self._wait_method == "futex":
            self._dispatch(self._address, phases, threads)
            return
        self._running = True  # no worker sleeps before it is done
        try:
            with self._wake:
                self._wake.notify_all()
            self._dispatch(self._address, phases, threads)
        finally:
            self._running = False


_pools: list[Pool] = []
_creating = renewed_in(__name__, "_creating", threading.Lock)


def pool() -> Pool:
    """The workers of this process."""
    if not _pools:
        with _creating:
            if not _pools:
                _pools.append(Pool())
    return _pools[0]


def _forget() -> None:
    """Forget the pool: a forked child has none of its parent's threads."""
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
