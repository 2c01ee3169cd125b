"""The iterator over the batches of a data set that gives its samples one after the other."""

from __future__ import annotations

import copy
import itertools
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from knoll.data.batches import Workers
from knoll.data.dataset import IterableDataset
from knoll.data.randomness import Draws, drawing
from knoll.data.worker import WorkerInfo, as_worker, get_worker_info
from knoll.errors import StateError, warn
from knoll.locks import renewed

_END = object()  # instead of a batch, where a stream has no more


@dataclass(frozen=True)
class StreamFetcher:
    """How batches of a stream are made: `size` samples each, or single ones for None."""

    size: int | None
    drop_last: bool
    collate_fn: Callable[[Any], Any]
    seed: int
    epoch: int


@dataclass
class _Stream:
    """One iterator over the samples: that of the loader itself, or of a worker, of which there are so many.

    Samples are counted through all workers, so that random numbers depend on nothing else.
    """

    dataset: Any
    fetcher: StreamFetcher
    info: WorkerInfo | None
    begin: Callable[[int], object] | None
    samples: Iterator[Any] | None = None
    count: int = 0
    pending: deque[Future[Any]] = field(default_factory=deque)
    pool: ThreadPoolExecutor | None = None

    def batch(self) -> Any:
        """The next batch, or the end."""
        with as_worker(self.info or get_worker_info()):
            if self.samples is None:
                if self.begin is not None and self.info is not None:
                    self.begin(self.info.id)
                self.samples = iter(self.dataset)
            how = self.fetcher
            drawn = list(itertools.islice(self._numbered(self.samples), how.size or 1))
            if not drawn or (how.size is not None and how.drop_last and len(drawn) < how.size):
                return _END
            return how.collate_fn(drawn if how.size is not None else drawn[0])

    def _numbered(self, samples: Iterator[Any]) -> Iterator[Any]:
        """The samples, each drawn with random numbers of its own."""
        workers, own = (1, 0) if self.info is None else (self.info.num_workers, self.info.id)
        while True:
            numbers = Draws(self.fetcher.seed, self.fetcher.epoch, [self.count * workers + own])
            try:
                with drawing(numbers):
                    sample = next(samples)
            except StopIteration:
                return
            self.count += 1
            yield sample


class StreamedBatches(Iterator[Any]):
    """The batches of one epoch of an `IterableDataset`; of several workers one after the other, each a batch in turn.

    `tell` is called with the number of batches handed out after each, and with None at the end. `expected` is how many
    there should be, where somebody asked; more of them are warned of.
    """

    def __init__(
        self,
        dataset: IterableDataset[Any],
        fetcher: StreamFetcher,
        workers: Workers,
        length: Callable[[], int],
        tell: Callable[[int | None], None],
        expected: int | None,
    ) -> None:
        self._workers, self._length, self._tell, self._expected = workers, length, tell, expected
        self._dataset, self._count = dataset, 0
        self._lock = renewed(self, "_lock", threading.RLock)
        number = max(workers.count, 1)
        infos = [WorkerInfo(i, number, fetcher.seed + i, copy.copy(dataset)) for i in range(workers.count)]
        streams = [_Stream(info.dataset, fetcher, info, workers.begin) for info in infos]
        self._streams = deque(streams or [_Stream(dataset, fetcher, None, None)])
        self._pools: list[ThreadPoolExecutor] = []
        self._stop: weakref.finalize[..., StreamedBatches] | None = None

    def __len__(self) -> int:
        """The number of batches of the epoch, where the data set knows its samples."""
        return self._length()

    def __next__(self) -> Any:
        with self._lock:
            while self._streams:
                stream = self._streams.popleft()
                batch = self._next_of(stream)
                if batch is _END:
                    continue
                self._streams.append(stream)
                self._count += 1
                self._warn()
                self._tell(self._count)
                return batch
            self.close()
            self._tell(None)
            raise StopIteration

    def skip(self, count: int) -> None:
        """Pass over batches that were handed out before: a stream has to make them again."""
        for _ in range(count):
            next(self, None)

    def close(self) -> None:
        """End the epoch here."""
        self._streams.clear()
        if self._stop is not None:
            self._stop()

    def _next_of(self, stream: _Stream) -> Any:
        if stream.info is None:
            return stream.batch()
        pool = stream.pool or self._started(stream)
        while len(stream.pending) < self._workers.ahead + 1:
            stream.pending.append(pool.submit(stream.batch))
        first = stream.pending.popleft()
        timeout = self._workers.timeout or None
        if not wait([first], timeout).done:
            for each in self._pools:
                each.shutdown(wait=False, cancel_futures=True)  # the thread that takes so long may never end
            self._streams.clear()
            raise StateError(f"DataLoader timed out after {timeout} seconds")
        try:
            return first.result()
        except BaseException:
            self._streams.append(stream)
            raise

    def _started(self, stream: _Stream) -> ThreadPoolExecutor:
        """The thread of a worker, which ends with this iterator."""
        stream.pool = ThreadPoolExecutor(1, thread_name_prefix="knoll-loader")
        self._pools.append(stream.pool)
        if self._stop is None:
            self._stop = weakref.finalize(self, _shut, self._pools)
        return stream.pool

    def _warn(self) -> None:
        if self._expected is None or self._count <= self._expected:
            return
        several = (
            "For multiprocessing data-loading, this could be caused by not properly configuring the IterableDataset "
            "replica at each worker. Please see https://pytorch.org/docs/stable/data.html#torch.utils.data."
            "IterableDataset for examples."
        )
        warn(
            f"Length of IterableDataset {self._dataset} was reported to be {self._expected}(when accessing "
            f"len(dataloader)), but {self._count} samples have been fetched. {several if self._workers.count else ''}"
        )


def _shut(pools: list[ThreadPoolExecutor]) -> None:
    """Have the threads end, and wait until they have."""
    for pool in pools:
        pool.shutdown(wait=True, cancel_futures=True)
