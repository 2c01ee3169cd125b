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
from benchmarks.memory import peak_memory
from benchmarks.network import Task
from benchmarks.rivals.rival import Call

PATIENCE = 5.0  # seconds to clean up
AGAIN = 2  # untimed calls at the start of a turn: they bring back what other processes pushed out of the caches
ENOUGH = 0.5  # seconds of untimed calls, of which one is enough then
Prepare = Callable[[Task], Call]


class Failed(Exception):  # noqa: N818 (a rival failed; the benchmark did not)
    """A rival that cannot do the task, with its reason."""


def serve(pipe: Connection, threads: int) -> None:
    """Answer ("prepare", prepare, task), ("results", how many), ("times", how many), ("memory",) until it hangs up."""
    confine(threads)
    call: Call | None = None
    with suppress(EOFError, ConnectionError):
        while True:
            match pipe.recv():
                case ("prepare", prepare, task):
                    call = None  # what it held is let go before the next is made
                    gc.enable()
                    try:
                        call = prepare(task)
                    except Exception as error:  # noqa: BLE001 (whatever a rival raises is its answer)
                        pipe.send(f"{type(error).__name__}: {error}".splitlines()[0])
                        continue
                    pipe.send(None)
                    gc.collect()
                    gc.disable()
                case ("results", count) if call is not None:
                    pipe.send(results(call, count))
                case ("times", count) if call is not None:
                    pipe.send(timed(call, count))
                case ("memory",):
                    pipe.send(peak_memory())
                case other:
                    raise AssertionError(other)


def results(call: Call, count: int) -> Array:
    """What `count` calls give."""
    return np.stack([np.array(call()) for _ in range(count)])


def timed(call: Call, count: int) -> list[float]:
    """Seconds of each of `count` calls."""
    begun = time.perf_counter()
    for _ in range(AGAIN):
        call()
        if time.perf_counter() - begun > ENOUGH:
            break
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


class Contestant:
    """One rival at one task, then perhaps at another. Raises Failed if it cannot be prepared or dies."""

    def __init__(self, name: str, prepare: Prepare, task: Task) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, task.threads), name=name)
        # The child inherits what is blocked: Ctrl-C is for this end, which then hangs up. The tracker would unblock it.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        self._process.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        try:
            self.prepare(prepare, task)
        except Failed:
            self.close()
            raise

    def prepare(self, prepare: Prepare, task: Task) -> None:
        """Go over to this task; one with as many threads. Raises Failed if the rival cannot do it."""
        reason = self._ask("prepare", prepare, task)
        if reason:
            raise Failed(reason)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked again: a library may have brought its process down."""
        return self._process.is_alive()

    def results(self, count: int) -> Array:
        """What `count` calls in a row give."""
        array: Array = self._ask("results", count)
        return array

    def times(self, count: int) -> list[float]:
        """Seconds of each of `count` calls in a row."""
        seconds: list[float] = self._ask("times", count)
        return seconds

    def memory(self) -> int:
        """The most bytes that its process has held."""
        most: int = self._ask("memory")
        return most

    def _ask(self, *words: Any) -> Any:
        self._signal(signal.SIGCONT)
        self._pipe.send(words)
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
