"""Renderings, one after the other in a thread of their own; results are kept, and too many that wait are refused."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

MOST_WAITING = 128
MOST_KEPT = 32 << 20  # bytes of results


class BusyError(Exception):
    """Too many renderings wait."""


class Worker:
    """One thread that renders, so that memory and the random generator belong to one rendering at a time.

    >>> worker = Worker()
    >>> worker.do("a", lambda: b"rendered").result()
    b'rendered'
    >>> worker.close()
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "knoll-lab")
        self._lock = Lock()
        self._waiting = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def do(self, key: str | None, work: Callable[[], bytes]) -> Future[bytes]:
        """What `work` gives, now or when its turn comes; what has a key is kept. Raises BusyError."""
        with self._lock:
            if key is not None and key in self._kept:
                self._kept.move_to_end(key)
                done: Future[bytes] = Future()
                done.set_result(self._kept[key])
                return done
            if self._waiting >= MOST_WAITING:
                raise BusyError
            self._waiting += 1
        return self._thread.submit(self._run, key, work)

    def _run(self, key: str | None, work: Callable[[], bytes]) -> bytes:
        try:
            result = work()
        finally:
            with self._lock:
                self._waiting -= 1
        if key is not None:
            self._keep(key, result)
        return result

    def _keep(self, key: str, result: bytes) -> None:
        with self._lock:
            self._size += len(result) - len(self._kept.pop(key, b""))
            self._kept[key] = result
            while self._size > MOST_KEPT and self._kept:
                _, oldest = self._kept.popitem(last=False)
                self._size -= len(oldest)

    def close(self) -> None:
        """Let what is being rendered end, and nothing else begin."""
        self._thread.shutdown(cancel_futures=True)
