"""Worker threads that wait in native code.

A worker is a Python thread that makes one native call and stays in it: it spins on an atomic word for some
microseconds, then sleeps (`waiting.py`). It does not hold the global interpreter lock. One dispatch runs a whole
program. The caller waits for no worker that has not begun: it takes over its share (`workers.ll`). A caller that finds
the workers in use by another thread runs its program alone. After a fork the child starts workers of its own.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from functools import cache
from time import perf_counter_ns

import numpy as np

from knoll.errors import ArgumentError, OutOfMemoryError
from knoll.graph.spec import Array
from knoll.locks import renewed, renewed_in
from knoll.machine import host
from knoll.messages import say
from knoll.run.affinity import Affinity
from knoll.run.code_cache import compiled, stored
from knoll.run.launch import INSIDE, WAKES, Launch
from knoll.run.native_call import NativeCall
from knoll.run.waiting import run_time, wait_method
from knoll.run.workspace import address, aligned

MAX_THREADS = 256
CACHE_LINE, CONTROL_LINES = 64, 8  # of the control block, before the shares of threads (`workers.ll`)
CALLERS_CORE, PIECES_DONE = 9, 16  # words of it
WORTH_WAKING = 50_000  # nanoseconds that a launch takes for which a sleeping worker is woken
SERIES = 100_000  # nanoseconds between launches that follow each other


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Setting:
    threads: int | None = None


def get_num_threads() -> int:
    """How many threads a program may use: `set_num_threads`, else `KNOLL_THREADS`, else one for each core.

    Source: https://pytorch.org/docs/stable/generated/torch.get_num_threads.html

    >>> import knoll
    >>> knoll.get_num_threads() >= 1
    True
    """
    return _Setting.threads or _default()


@cache
def _default() -> int:
    """The number that the environment asks for, looked up once."""
    named = os.environ.get("KNOLL_THREADS", "").strip()
    if not named:
        return min(cores(), MAX_THREADS)
    with suppress(ValueError):
        if 1 <= int(named) <= MAX_THREADS:
            return int(named)
    raise ArgumentError(say("run.threads_named", most=MAX_THREADS, got=named))


def set_num_threads(count: int) -> None:
    """Use `count` threads from now on; results do not depend on it.

    >>> import knoll
    >>> knoll.set_num_threads(1)
    >>> knoll.get_num_threads()
    1
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_THREADS:
        raise ArgumentError(say("run.threads", most=MAX_THREADS, count=count))
    _Setting.threads = count


class Pool:
    """The workers of this process, and the control block through which they get work."""

    lock: threading.RLock  # which can be taken again where an interruption kept it from being given back
    started: int

    def __init__(self) -> None:
        self.lock = renewed(self, "lock", threading.RLock)
        self.control: Array = aligned(CACHE_LINE * (CONTROL_LINES + MAX_THREADS)).view(np.int64)
        self.control[PIECES_DONE] = 1  # zero is the step of shares that no thread has touched
        self._address = address(self.control)
        self.started = 1
        machine, self._wait_method = host(), wait_method()
        functions = ("worker", "call")
        what = f"workers {machine} {sys.platform} {self._wait_method} {object.__basicsize__}"
        code = stored(what, functions) or compiled(
            what, functions, machine, lambda: run_time(machine, self._wait_method)
        )
        word, pointer = ctypes.c_int64, ctypes.c_void_p
        self._worker = ctypes.CFUNCTYPE(word, pointer, word, word, word)(code.address("worker"))
        native = NativeCall(code, self.control)
        self._call = native.function
        self._running, self._wake = False, renewed(self, "_wake", threading.Condition)
        self._entered: set[Launch] = set()  # launches that workers may still be reading, though all is done
        self._end = 0
        kept = self.control, code, native, self._entered
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))  # workers wait in them when Python ends

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

    def lent(self, threads: int) -> Lent | nullcontext[int]:
        """The workers for one call that may use so many threads."""
        return Lent(self, threads) if threads > 1 else _ALONE

    def _worker_loop(self, thread: int, seen: int) -> None:
        """The loop of a worker, which has seen `seen` dispatches; with a futex it is one native call."""
        affinity, stays = Affinity(), False
        while True:
            answer = self._worker(self._address, thread, seen, stays)
            seen = answer & 0xFFFFFFFF
            if answer > seen:
                stays = not affinity.leave(int(self.control[CALLERS_CORE]))
                continue
            with self._wake:
                while not self._running:
                    self._wake.wait()

    def run(self, launch: Launch, arrays: list[Array]) -> list[Array]:
        """The results of a launch for the arrays that it takes; copies take the place of those that lie otherwise."""
        results = self.run_as_is(launch, arrays)
        if results is None:
            arrays[:] = launch.readable(arrays)
            results = self.run_as_is(launch, arrays)
        assert results is not None, "arrays have the shapes that a launch takes"
        return results

    def run_as_is(self, launch: Launch, arrays: Sequence[Array]) -> list[Array] | None:
        """The same; None where an array has another shape or element type, or does not lie as the steps read it.

        The workers that come take part if the launch is laid out for several threads. Waking one takes some 15 µs of
        the caller's time. That pays if the launch took long when it ran last, or if launches follow each other so fast
        that a worker that is awake stays awake.
        """
        try:
            if launch.threads == 1:
                return self._call(launch.words, *arrays)
            begin = perf_counter_ns()
            launch.words[WAKES] = launch.nanoseconds > WORTH_WAKING or begin - self._end < SERIES
            results = self._shared(launch, arrays)
        except MemoryError as error:
            raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None
        self._end = perf_counter_ns()
        if results is not None:
            launch.nanoseconds = self._end - begin
        if launch.words[INSIDE]:
            self._entered.add(launch)
        elif self._entered:
            self._entered.clear()
        return results

    def _shared(self, launch: Launch, arrays: Sequence[Array]) -> list[Array] | None:
        """Run a launch of several threads while no worker goes to wait on the condition."""
        if self._wait_method == "futex":
            return self._call(launch.words, *arrays)
        self._running = True
        try:
            with self._wake:
                self._wake.notify_all()
            return self._call(launch.words, *arrays)
        finally:
            self._running = False


class Lent:
    """The workers for the time of one call: how many threads it has, its own among them; one while others use them."""

    __slots__ = ("_pool", "_threads")

    def __init__(self, pool: Pool, threads: int) -> None:
        self._pool, self._threads = pool, threads

    def __enter__(self) -> int:
        try:
            if not self._pool.lock.acquire(blocking=False):
                self._threads = 1
                return 1
            return self._pool.start(self._threads)
        except BaseException:  # an interruption, perhaps before it was taken
            with suppress(RuntimeError):
                self._pool.lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        if self._threads > 1:
            self._pool.lock.release()


_ALONE = nullcontext(1)
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
