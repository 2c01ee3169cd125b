"""The cores that a worker may run on: it leaves the core of its caller, which it would hold up there."""

from __future__ import annotations

import os
from contextlib import suppress


class Affinity:
    """The cores that the calling thread may run on."""

    def __init__(self) -> None:
        self._allowed: set[int] = set()
        self._left = -1

    def leave(self, core: int) -> bool:
        """Run on other cores than this; False if there is none, or if the system does not say."""
        if not hasattr(os, "sched_setaffinity"):
            return False
        now = os.sched_getaffinity(0)
        every = now | {self._left} if now == self._allowed else now  # others may have changed them meanwhile
        self._allowed, self._left = every - {core}, core
        with suppress(OSError):
            os.sched_setaffinity(0, self._allowed)
            return True
        return False
