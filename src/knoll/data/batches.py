"""The iterator over the batches of one epoch."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from knoll.data.fetch import Batch
from knoll.data.worker import WorkerInfo, tell_worker
from knoll.errors import StateError
from knoll.locks import renewed


@dataclass(frozen=True)
class Workers:
    """How many threads prepare batches, how many each is ahead, and how long one may take (0: as long as it likes).

    `begin` is called with the number of each thread when it starts; `seed` and `dataset` are what it is told.
    """

    count: int
    ahead: int
    timeout: float
    begin: Callable[[int], object] | None
    seed: int
    dataset: Any

    def start(self, number: int) -> None:
        """Let the present thread be the worker of this number."""
        tell_worker(WorkerInfo(number, self.count, self.seed + number, self.dataset))
        if self.begin is not None:
            self.begin(number)


@dataclass
class _Pending:
    """A batch that is being prepared, or will be."""

    batch: Batch
    future: Future[Any] | None = None


class Batches(Iterator[Any]):
    """The batches of one epoch in order; several such iterators over one loader know nothing of each other.

    `tell` is called with the number of batches handed out after each, and with None at the end. A batch that cannot be
    made raises when its turn comes; the next call goes on with the one after it. No thread outlives the loop, however
    it ends.
    """

    def __init__(
        self,
        wanted: Iterator[Batch],
        load: Callable[[Batch], Any],
        workers: Workers,
        length: Callable[[], int],
        tell: Callable[[int | None], None],
    ) -> None:
        self._wanted, self._load, self._workers, self._tell = wanted, load, workers, tell
        self._length = length
        self._count = 0
        self._ended = False
        self._lock = renewed(self, "_lock", threading.RLock)
        self._pending: deque[_Pending] = deque()
        self._pool: ThreadPoolExecutor | None = None
        self._stop: weakref.finalize[..., Batches] | None = None

    def __len__(self) -> int:
        """The number of batches of the epoch."""
        return self._length()

    def __next__(self) -> Any:
        with self._lock:
            if self._ended:
                raise StopIteration
            ahead = 1 + self._workers.count * self._workers.ahead
            self._pending.extend(map(_Pending, itertools.islice(self._wanted, ahead - len(self._pending))))
            if not self._pending:
                self.close()
                self._tell(None)
                raise StopIteration
            self._count += 1
            batch = self._next_batch()
            self._tell(self._count)
            return batch

    def skip(self, count: int) -> None:
        """Pass over batches that were handed out before, without loading them."""
        self._count = count
        next(itertools.islice(self._wanted, count, count), None)

    def close(self) -> None:
        """End the epoch here."""
        self._ended = True
        self._pending.clear()
        if self._stop is not None:
            self._stop()

    def _next_batch(self) -> Any:
        """The next batch."""
        if self._workers.count == 0:
            return self._load(self._pending.popleft().batch)
        pool = self._pool or self._started()
        for pending in self._pending:
            pending.future = pending.future or pool.submit(self._load, pending.batch)
        first = self._pending.popleft()
        try:
            return self._result(first.future)
        except BaseException:
            self._pause()
            raise

    def _result(self, future: Any) -> Any:
        timeout = self._workers.timeout or None
        if not wait([future], timeout).done:
            self._stop_after(wait=False)  # the thread that takes so long may never end
            raise StateError(f"DataLoader timed out after {timeout} seconds")
        return future.result()

    def _started(self) -> ThreadPoolExecutor:
        """A pool of threads that ends with this iterator."""
        start, numbers = self._workers.start, itertools.count()
        self._pool = ThreadPoolExecutor(
            self._workers.count,
            thread_name_prefix="knoll-loader",
            initializer=lambda: start(next(numbers)),
        )
        self._stop_after(wait=True)
        return self._pool

    def _stop_after(self, wait: bool) -> None:
        """Have the threads end with this iterator, and perhaps wait until they have."""
        if self._stop is not None:
            self._stop.detach()
        assert self._pool is not None
        self._stop = weakref.finalize(self, self._pool.shutdown, wait=wait, cancel_futures=True)

    def _pause(self) -> None:
        """Let no thread wait for a loop that has perhaps ended with an error; what is not done is begun again."""
        if self._stop is not None:
            self._stop()
        self._pool = None
        for pending in self._pending:
            if pending.future is not None and pending.future.cancelled():
                pending.future = None
