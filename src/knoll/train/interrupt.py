"""Ctrl-C as a request to stop after the present step, in place of an exception in the middle of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass
class Stop:
    """Whether someone asked to stop, and by which signal."""

    signal: int | None = None

    def __call__(self) -> bool:
        """Whether to stop now."""
        return self.signal is not None

    @property
    def exit_code(self) -> int:
        """What a program ended by this signal reports."""
        return 128 + (self.signal or signal.SIGINT)


@contextmanager
def stopping() -> Iterator[Stop]:
    """Within the block the first Ctrl-C (or SIGTERM) only sets the value; a second one acts as it always does."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _frame: FrameType | None) -> None:
        stop.signal = number
        _restore(before)

    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        _restore(before)


def _restore(before: Mapping[signal.Signals, Any]) -> None:
    for number, handler in before.items():
        signal.signal(number, handler)
