"""A line at the bottom of a terminal that says how far a long work is, and goes when it is done."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Self, TypeVar

PATIENCE = 1.0  # seconds before the line appears
PAUSE = 0.1  # seconds from one change of it to the next
Item = TypeVar("Item")
Result = TypeVar("Result")


Status = Callable[[], str]  # what is being done, in the language in which it is asked
_listener: ContextVar[Callable[[Status], None] | None] = ContextVar("listener", default=None)


@contextmanager
def heard(listener: Callable[[Status], None]) -> Iterator[None]:
    """Tell a listener, too, how far works are that this thread begins meanwhile: a page that somebody waits for."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class ProgressLine:
    """What `words` say of how many items are done.

    It is written where standard error is a terminal: not in notebooks, files, or below another program's progress bar.
    """

    def __init__(self, words: Callable[[int], str]) -> None:
        self._words, self._done = words, count(1)
        self._columns, self._next = 0, time.monotonic() + PATIENCE
        self._listener = _listener.get()  # that of the thread which begins, and not of those that work
        self._stream = sys.stderr if sys.stderr is sys.__stderr__ else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._columns:
            self._write("")

    def counting(self, work: Callable[[Item], Result]) -> Callable[[Item], Result]:
        """`work` that moves the line each time it is done, in whatever thread."""

        def counted(item: Item) -> Result:
            result = work(item)
            self._step(next(self._done))
            return result

        return counted

    def _step(self, done: int) -> None:
        if self._listener is not None:
            self._listener(lambda: self._words(done))
        now = time.monotonic()
        if now >= self._next and self._is_terminal():
            self._next = now + PAUSE
            self._write(self._words(done))

    def _is_terminal(self) -> bool:
        return self._stream is not None and self._stream.isatty() and os.environ.get("TERM") != "dumb"

    def _write(self, line: str) -> None:
        """Write over the line before."""
        from knoll.document.inline import columns

        assert self._stream is not None
        width = columns(line)
        self._stream.write("\r" + line + " " * (self._columns - width) + ("" if line else "\r"))
        self._stream.flush()
        self._columns = width
