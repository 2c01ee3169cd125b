"""Every lock of the library, in one place, so that a forked process has them anew.

After a fork the child has the memory of its parent and none of its other threads: a lock that one of those held would
never be released. What is guarded by `renewed` locks is right between any two instructions of Python, and the child
gets free ones. What is not, as LLVM's memory in the middle of a compilation, is guarded by `unforked`: a fork waits.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

Lock = TypeVar("Lock")

unforked: threading.RLock = threading.RLock()
_places: WeakKeyDictionary[object, dict[str, Callable[[], Any]]] = WeakKeyDictionary()


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


def _renew() -> None:
    unforked.release()
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
    os.register_at_fork(before=unforked.acquire, after_in_parent=unforked.release, after_in_child=_renew)
