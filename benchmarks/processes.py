"""A rival in a process of its own that stands still whenever it is not its turn.

In one process the thread pools of the rivals would disturb each other: threads of OpenMP and of ONNX Runtime spin for a
while after a call, on the cores that the next rival needs. To forbid the spinning would slow the rivals that use it. So
each lives alone, may spin as it likes, and is stopped as a whole by a signal until it is asked again.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

import numpy as np

from benchmarks.cores import confine
from benchmarks.layers import Array
from benchmarks.network import Task
from benchmarks.rivals.rival import Call

PATIENCE = 5.0  # seconds to clean up
AGAIN = 2  # untimed calls at the start of a turn: they bring back what other processes pushed out of the caches
Prepare = Callable[[Task], Call]


class Failed(Exception):  # noqa: N818 (a rival failed; the benchmark did not)
    """A rival that cannot do the task, with its reason."""


def serve(pipe: Connection, prepare: Prepare, task: Task) -> None:
    """Prepare, then answer until the other end hangs up: ("results" | "times", how many)."""
    confine(task.threads)
    with suppress(EOFError, ConnectionError):
        try:
            call = prepare(task)
        except Exception as error:  # noqa: BLE001 (whatever a rival raises is its answer)
            pipe.send(f"{type(error).__name__}: {error}".splitlines()[0])
            return
        pipe.send(None)
        gc.disable()
        while True:
            word, count = pipe.recv()
            pipe.send(results(call, count) if word == "results" else timed(call, count))


def results(call: Call, count: int) -> Array:
    """What `count` calls give."""
    return np.stack([np.array(call()) for _ in range(count)])


def timed(call: Call, count: int) -> list[float]:
    """Seconds of each of `count` calls."""
    for _ in range(AGAIN):
        call()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


class Contestant:
    """One rival at one task. Raises Failed if it cannot be prepared or dies."""

    def __init__(self, name: str, prepare: Prepare, task: Task) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, prepare, task), name=name)
        # The child inherits what is blocked: Ctrl-C is for this end, which then hangs up. The tracker would unblock it.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        self._process.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        try:
            reason = self._answer()
        except Failed:
            self.close()
            raise
        if reason:
            self.close()
            raise Failed(reason)
        self._signal(signal.SIGSTOP)

    def results(self, count: int) -> Array:
        """What `count` calls in a row give."""
        array: Array = self._ask("results", count)
        return array

    def times(self, count: int) -> list[float]:
        """Seconds of each of `count` calls in a row."""
        seconds: list[float] = self._ask("times", count)
        return seconds

    def _ask(self, word: str, count: int) -> Any:
        self._signal(signal.SIGCONT)
        self._pipe.send((word, count))
        answer = self._answer()
        self._signal(signal.SIGSTOP)
        return answer

    def _answer(self) -> Any:
        try:
            return self._pipe.recv()
        except EOFError:
            self._process.join()
            raise Failed(f"exit {self._process.exitcode}") from None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def close(self) -> None:
        """Hang up, so that the process ends by itself and its library can clean up; if it does not, end it."""
        self._pipe.close()
        if self._process.is_alive():
            self._signal(signal.SIGCONT)
        self._process.join(PATIENCE)
        self._process.kill()
        self._process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
