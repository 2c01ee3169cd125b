"""Every lock of the library, in one place, so that a forked process has them anew.

After a fork the child has the memory of its parent and none of its other threads: a lock that one of those held would
never be released. What is guarded by `renewed` locks is right between any two instructions of Python, and the child
gets free ones. What is not, as LLVM's memory in the middle of a compilation, is guarded by `unforked()`: a fork waits
until no thread is at it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

Lock = TypeVar("Lock")

_places: WeakKeyDictionary[object, dict[str, Callable[[], Any]]] = WeakKeyDictionary()


class _OfThread(threading.local):
    """The lock of a thread; a fork takes all of them, so that threads do not wait for each other, but it for all."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        with _forking:
            _of_threads.add(self.lock)


_forking = threading.RLock()
_of_threads: WeakSet[threading.RLock] = WeakSet()
_taken: list[threading.RLock] = []
_of_thread = _OfThread()


def unforked() -> threading.RLock:
    """The calling thread's own lock; no process is forked while a thread holds its lock."""
    return _of_thread.lock


def renewed(owner: object, name: str, make: Callable[[], Lock]) -> Lock:
    """A new lock, to be kept as `owner.name`, where a forked child puts another one.

    >>> class Guarded:
    ...     def __init__(self):
    ...         self.lock = renewed(self, "lock", threading.Lock)
    >>> guarded = Guarded()
    >>> guarded.lock.acquire()
    True
    >>> if not os.fork():
    ...     os._exit(guarded.lock.locked())
    >>> os.waitstatus_to_exitcode(os.wait()[1])
    0
    """
    _places.setdefault(owner, {})[name] = make
    return make()


def renewed_in(module: str, name: str, make: Callable[[], Lock]) -> Lock:
    """The same for a lock that is a variable of a module."""
    return renewed(sys.modules[module], name, make)


def _take() -> None:
    _forking.acquire()
    _taken[:] = _of_threads
    for lock in _taken:
        lock.acquire()


def _give_back() -> None:
    while _taken:
        _taken.pop().release()
    _forking.release()


def _renew() -> None:
    _give_back()
    for owner, makers in list(_places.items()):
        for name, make in makers.items():
            setattr(owner, name, make())
    if sys.version_info < (3, 12):  # each of these has a lock there
        for held in _cached_properties():
            held.lock = threading.RLock()


def _cached_properties() -> list[Any]:
    modules = [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "knoll"]
    classes = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    return [value for kind in classes for value in vars(kind).values() if isinstance(value, cached_property)]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_take, after_in_parent=_give_back, after_in_child=_renew)
