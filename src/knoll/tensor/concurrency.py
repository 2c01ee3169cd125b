"""Tensors that wait in the recording of another thread, and the lock under which tensors change their state.

What a module keeps, as a running mean, may wait in the recording of one thread when another one asks for it. It has its
numbers when that recording ends, so the other thread waits for the end: to run what is recorded so far would compile a
program for each place at which the two may meet. Where the first thread waits for the second one in its turn, by a
recording of its own or at a barrier, the second one runs what is recorded so far after all.
"""

from __future__ import annotations

import threading
from threading import get_ident
from time import monotonic

from knoll.locks import renewed_in
from knoll.tensor.base import Recording, TensorBase

PATIENCE = 1.0  # seconds that a thread waits for one that may be waiting for it by means that cannot be seen here

_changes = renewed_in(__name__, "_changes", threading.Condition)  # the lock is that of all changes of state
_awaited: dict[int, int] = {}  # the threads that wait, and for which


def owned_elsewhere(recording: Recording | None) -> bool:
    """Whether another thread has it open."""
    return recording is not None and recording.owner not in (None, get_ident())


def wait_for_end(recording: Recording, x: TensorBase) -> None:
    """Wait until x no longer waits in a recording that another thread has open, or until this thread has to run it."""
    me, until = get_ident(), monotonic() + PATIENCE
    with _changes:
        while (owner := recording.owner) not in (None, me) and x._recorder is recording:
            left = until - monotonic()
            if _waits_for(owner, me) or (left <= 0 and not recording.is_running):
                return
            _awaited[me] = owner
            try:
                _changes.wait(PATIENCE if recording.is_running else left)
            finally:
                _awaited.pop(me, None)


def notify() -> None:
    """Tell the threads that wait that a recording has ended or was run."""
    if _awaited:
        with _changes:
            _changes.notify_all()


def _waits_for(thread: int | None, other: int) -> bool:
    """Whether a thread waits for another one, by itself or by those that it waits for."""
    while thread is not None and thread != other:
        thread = _awaited.get(thread)
    return thread is not None


class changing:  # noqa: N801 (a context manager)
    """Let no other thread change the state of a tensor; none of these waits in the recording of another thread."""

    __slots__ = ("_lock", "_tensors")

    def __init__(self, *tensors: TensorBase) -> None:
        self._tensors = tensors
        self._lock = _changes  # a child that is forked meanwhile has another one

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            while elsewhere := self._tensors and self._elsewhere():
                elsewhere[0]._realize()
        except BaseException:
            self._lock.release()
            raise

    def _elsewhere(self) -> list[TensorBase]:
        return [x for x in self._tensors if x._recorder is not None and owned_elsewhere(x._recorder)]

    def __exit__(self, *_: object) -> None:
        self._lock.release()
