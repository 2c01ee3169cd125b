"""Worker threads that wait in native code.

A worker is a Python thread that makes one native call and stays in it: it spins on an atomic word for some
microseconds, then sleeps in the kernel, and never holds the interpreter's lock. One dispatch runs a whole program. A
caller that finds the workers taken by another thread runs its program alone. After a fork the child hires its own.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from importlib import resources

import numpy as np

from knoll.errors import ArgumentError
from knoll.graph.spec import Array
from knoll.machine import Machine, host
from knoll.messages import say
from knoll.run.native import loaded

MOST = 256


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Setting:
    threads: int | None = None


def get_num_threads() -> int:
    """How many threads a program may use: `set_num_threads`, else `KNOLL_THREADS`, else one for each core."""
    if _Setting.threads is not None:
        return _Setting.threads
    named = os.environ.get("KNOLL_THREADS", "")
    return min(max(int(named), 1), MOST) if named.isdigit() else min(cores(), MOST)


def set_num_threads(count: int) -> None:
    """Use `count` threads from now on; results do not depend on it.

    >>> set_num_threads(1)
    >>> get_num_threads()
    1
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
        raise ArgumentError(say("run.threads", most=MOST, count=count))
    _Setting.threads = count


def _written(machine: Machine) -> str:
    """The run time as LLVM IR."""
    text = resources.files("knoll.run").joinpath("workers.ll").read_text(encoding="utf-8")
    if not machine.x86:  # no flush-to-zero and no pause; futex has another number there
        text = "\n".join(line for line in text.splitlines() if "llvm.x86" not in line).replace("i64 202,", "i64 98,")
    return text


class Pool:
    """The workers of this process, and the post office through which they get work."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.office: Array = np.zeros(64, np.int64)
        self._address = self.office.ctypes.data
        self.hired = 1
        machine = host()
        functions = ("worker", "dispatch")
        code = loaded(f"workers {machine} {sys.platform}", functions, machine, lambda: _written(machine))
        worker, dispatch = map(code.address, functions)
        self._worker = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)(worker)
        self._dispatch = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(dispatch)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object((self.office, code)))  # workers wait in them when Python ends

    def hire(self, threads: int) -> None:
        """Start workers until there are enough."""
        for thread in range(self.hired, threads):
            seen = int(self.office[0])
            worker = threading.Thread(
                target=self._worker, args=(self._address, thread, seen), daemon=True, name=f"knoll-{thread}"
            )
            worker.start()
        self.hired = max(self.hired, threads)

    def dispatch(self, phases: int, threads: int) -> None:
        """Run the list of phases at an address; returns when all threads are done."""
        self._dispatch(self._address, phases, threads)


_pools: list[Pool] = []
_creating = threading.Lock()


def pool() -> Pool:
    """The workers of this process."""
    if not _pools:
        with _creating:
            if not _pools:
                _pools.append(Pool())
    return _pools[0]


def _forget() -> None:
    """A forked child has the parent's memory but none of its threads."""
    global _creating
    _pools.clear()
    _creating = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
