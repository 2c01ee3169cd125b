"""The loader: batches of a data set, in an order that a seed decides, prepared ahead by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from knoll.data.collate import collate
from knoll.data.dataset import Batched, Samples
from knoll.data.randomness import Draws, drawing, fresh_seed, permutation
from knoll.errors import ArgumentError, ArgumentTypeError, DataError, KnollError, StateError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy

# Batches being prepared for each worker while the caller works on one, as PyTorch's prefetch_factor.
_AHEAD = 2

Indices = NDArray[np.int64]


class LoaderState(TypedDict):
    """Where a loader stands; plain numbers, fit for JSON."""

    seed: int
    epoch: int
    position: int


class DataLoader:
    """Iterate over a data set in batches.

    Every `for` loop over the loader is one epoch, with an order of its own when `shuffle` is on. Order and random
    transforms depend on `seed`, epoch and sample alone: the number of workers changes nothing but the speed.

    `dataset` is anything with a length and samples, `batch_size` the samples in a batch; `drop_last` leaves out a last
    batch that is not full. `num_workers` threads prepare batches ahead; 0 prepares each when it is asked for.
    `collate_fn` makes the batch out of the list of samples. Without a `seed` one is drawn from the generator that
    `knoll.manual_seed` seeds; `state_dict()` tells it.

    Raises ArgumentError for a batch size below 1, DataError for a data set without samples.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader

    >>> loader = DataLoader([(np.zeros(2), label) for label in range(5)], batch_size=2)
    >>> len(loader), [labels.numpy().tolist() for _, labels in loader]
    (3, [[0, 1], [2, 3], [4]])
    """

    def __init__(
        self,
        dataset: Samples[Any],
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        drop_last: bool = False,
        seed: int | None = None,
    ) -> None:
        _check(dataset, batch_size, num_workers)
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.num_workers = num_workers
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self.seed = fresh_seed() if seed is None else seed
        self._epoch = 0
        self._position = 0
        self._begun = False

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        """The batches of the next epoch; after `load_state_dict`, those that are left of the one it names."""
        if self._begun:
            self.set_epoch(self._epoch + 1)
        self._begun = True
        return self._batches(self._epoch, self._position)

    def set_epoch(self, epoch: int) -> None:
        """Make the next loop the epoch of this number, from its first batch."""
        self._epoch, self._position, self._begun = epoch, 0, False

    def state_dict(self) -> LoaderState:
        """Seed, epoch, and the batches of it already handed out: enough to go on with the very next batch."""
        return {"seed": self.seed, "epoch": self._epoch, "position": self._position}

    def load_state_dict(self, state: LoaderState) -> None:
        """Go on where the loader that gave this state stood. Raises StateError for a place past the end."""
        if not 0 <= state["position"] <= len(self):
            raise StateError(say("data.position", position=state["position"], batches=len(self)))
        self.seed = state["seed"]
        self._epoch, self._position, self._begun = state["epoch"], state["position"], False

    def _batches(self, epoch: int, position: int) -> Iterator[Any]:
        order = self._order(epoch)
        parts = [order[start : start + self.batch_size] for start in range(0, len(order), self.batch_size)]
        for batch in _prefetched(lambda part: self._load(part, epoch), parts[position : len(self)], self.num_workers):
            position += 1
            self._epoch, self._position = epoch, position
            yield batch
        self.set_epoch(epoch + 1)

    def _order(self, epoch: int) -> Indices:
        n = len(self.dataset)
        return permutation(n, self.seed, epoch) if self.shuffle else np.arange(n)

    def _load(self, indices: Indices, epoch: int) -> Any:
        try:
            return self._gathered(indices, epoch) or self._collated(indices, epoch)
        except KnollError as error:
            error.located(say("data.batch_of", indices=", ".join(map(str, indices))))
            raise

    def _gathered(self, indices: Indices, epoch: int) -> tuple[Tensor, ...] | None:
        if self.collate_fn is not None or not isinstance(self.dataset, Batched):
            return None
        with drawing(Draws(self.seed, epoch, indices)):
            columns = self.dataset.gather(indices)
        return None if columns is None else tuple(from_numpy(column) for column in columns)

    def _collated(self, indices: Indices, epoch: int) -> Any:
        return (self.collate_fn or collate)([self._sample(index, epoch) for index in indices.tolist()])

    def _sample(self, index: int, epoch: int) -> Any:
        try:
            with drawing(Draws(self.seed, epoch, [index])):
                return self.dataset[index]
        except KnollError as error:
            error.located(say("data.sample", index=index))
            raise
        except Exception as error:
            error.add_note(say("data.sample", index=index))
            raise


def _prefetched(load: Callable[[Indices], Any], parts: list[Indices], workers: int) -> Iterator[Any]:
    """Load the parts in order, at most a few ahead of the caller; no thread outlives the loop, however it ends."""
    if workers == 0:
        yield from map(load, parts)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="knoll-loader")
    waiting: deque[Future[Any]] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(load, part))
            if len(waiting) > _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _check(dataset: Samples[Any], batch_size: int, num_workers: int) -> None:
    if not hasattr(dataset, "__len__") or not hasattr(dataset, "__getitem__"):
        raise ArgumentTypeError(say("data.no_dataset", name=type(dataset).__name__))
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise ArgumentError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
    if num_workers < 0:
        raise ArgumentError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
            came=str(num_workers),
            advice=say("data.workers"),
        )
    if len(dataset) == 0:
        raise DataError(
            "num_samples should be a positive integer value, but got num_samples=0", advice=say("data.empty")
        )
