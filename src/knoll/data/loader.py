"""The loader: batches of a data set, in an order that a seed decides, prepared ahead by threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count, repeat
from typing import Any, TypedDict

import numpy as np

from knoll.data.batches import Batches, Workers
from knoll.data.collate import collate, convert
from knoll.data.dataset import IterableDataset, Samples, check_samples
from knoll.data.fetch import Batch, Fetcher
from knoll.data.randomness import drawn_seed, permutation
from knoll.data.samplers import BatchSampler, RandomSampler, SequentialSampler
from knoll.data.streams import StreamedBatches, StreamFetcher
from knoll.deferred import html_of
from knoll.errors import ArgumentError, ArgumentTypeError, DataError, StateError
from knoll.graph.sizes import ceil_div
from knoll.messages import say
from knoll.tensor.arguments import truthy

# Batches being prepared for each worker while the caller works on one, as PyTorch's prefetch_factor.
_AHEAD = 2

_FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset")


class LoaderState(TypedDict):
    """Where a loader stands; plain numbers, fit for JSON."""

    seed: int
    epoch: int
    position: int


class DataLoader:
    """Iterate over a data set in batches.

    Every `for` loop over the loader is one epoch, with an order of its own when `shuffle` is on; loops may run inside
    or beside each other. Order and random transforms depend on `seed`, epoch and sample alone: the number of workers
    changes nothing but the speed.

    `dataset` is anything with a length and samples, or an `IterableDataset`, whose batches come from each worker in
    turn; `batch_size` the samples in a batch, None for single samples that are batches already; `drop_last` leaves out
    a last batch that is not full. `sampler` gives the places of the samples
    in an order of its own, `batch_sampler` lists of them. `num_workers` threads prepare batches ahead, each
    `prefetch_factor` of them; 0 prepares each when it is asked for. `worker_init_fn` is called with the number of each
    thread, `timeout` is how many seconds one batch may take. `collate_fn` makes the batch out of the list of samples.
    Without a `seed` one is drawn from `generator`, or from the generator that `knoll.manual_seed` seeds; `state_dict()`
    tells it. What concerns processes and other devices (`pin_memory`, `pin_memory_device`, `persistent_workers`,
    `multiprocessing_context`, `in_order`) is taken and changes nothing.

    Raises ArgumentError for a batch size below 1 and for arguments that exclude each other, DataError for a data set
    without samples that is to be shuffled. https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader

    >>> import numpy as np
    >>> from knoll.data import DataLoader
    >>> loader = DataLoader([(np.zeros(2), label) for label in range(5)], batch_size=2)
    >>> len(loader), [labels.numpy().tolist() for _, labels in loader]
    (3, [[0, 1], [2, 3], [4]])
    """

    prefetch_factor: int | None
    pin_memory: bool
    pin_memory_device: str
    in_order: bool
    persistent_workers: bool
    shuffle: bool
    batch_size: int | None
    drop_last: bool
    batch_sampler: Iterable[Any] | None
    sampler: Iterable[Any]
    collate_fn: Callable[[Any], Any]
    seed: int

    def __init__(
        self,
        dataset: Samples[Any],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], object] | None = None,
        multiprocessing_context: object = None,
        generator: np.random.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
        seed: int | None = None,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        for name, function in (("collate_fn", collate_fn), ("worker_init_fn", worker_init_fn)):
            if function is not None and not callable(function):
                raise ArgumentTypeError(f"'{type(function).__name__}' object is not callable", where=name)
        self._streams = isinstance(dataset, IterableDataset)
        if self._streams:
            _check_stream(shuffle, sampler, batch_sampler)
        _check_order(batch_size, shuffle, sampler, batch_sampler, drop_last)
        if not self._streams:
            _check_dataset(dataset, sampler is None and batch_sampler is None, bool(shuffle))
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = _AHEAD if num_workers and prefetch_factor is None else prefetch_factor
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.persistent_workers, self.in_order = persistent_workers, in_order
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.shuffle = bool(shuffle)
        self._own_order = sampler is None and batch_sampler is None
        if sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else _in_order(dataset)
        if batch_sampler is not None:
            batch_size = None
        elif batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size, self.drop_last = batch_size, drop_last
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.collate_fn = collate_fn or (convert if batch_sampler is None else collate)
        self.seed = drawn_seed(generator, seed)
        self._next, self._place = 0, (0, 0)
        self._expected: int | None = None
        self._initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and "_initialized" in vars(self):
            raise ArgumentError(
                f"{name} attribute should not be set after {type(self).__name__} is initialized",
                advice=say("data.new_loader"),
            )
        super().__setattr__(name, value)

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        sampler: Any = self._index_sampler
        if not self._streams:
            return len(sampler)
        count = self._expected = len(self.dataset)
        if self.batch_size is None:
            return count
        return count // self.batch_size if self.drop_last else ceil_div(count, self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        """The batches of the next epoch; after `load_state_dict`, those that are left of the one it names."""
        epoch, self._next = self._next, self._next + 1
        stood, done = self._place
        batches = self._batches(epoch)
        if stood == epoch:
            batches.skip(done)
        return batches

    def _batches(self, epoch: int) -> Batches | StreamedBatches:
        workers = Workers(
            self.num_workers, self.prefetch_factor or _AHEAD, self.timeout, self.worker_init_fn, self.seed, self.dataset
        )
        tell = partial(self._handed_out, epoch)
        if isinstance(self.dataset, IterableDataset):
            stream = StreamFetcher(self.batch_size, self.drop_last, self.collate_fn, self.seed, epoch)
            return StreamedBatches(self.dataset, stream, workers, self.__len__, tell, self._expected)
        fetcher = Fetcher(self.dataset, self.collate_fn, self.seed, epoch)
        load = fetcher.single if self.batch_sampler is None else fetcher.batch
        return Batches(self._wanted(epoch), load, workers, self.__len__, tell)

    def _repr_html_(self) -> str | None:
        return html_of("views.data_display", "loader_html", self)

    def set_epoch(self, epoch: int) -> None:
        """Make the next loop the epoch of this number, from its first batch."""
        self._next, self._place = epoch, (epoch, 0)

    def state_dict(self) -> LoaderState:
        """Seed, epoch, and the batches of it already handed out: enough to go on with the very next batch.

        Where several loops run at once it is the one that gave a batch last.
        """
        epoch, position = self._place
        return {"seed": self.seed, "epoch": epoch, "position": position}

    def load_state_dict(self, state: LoaderState) -> None:
        """Go on where the loader that gave this state stood. Raises StateError for a place past the end."""
        if state["position"] < 0 or (not self._streams and state["position"] > len(self)):
            raise StateError(say("data.position", position=state["position"], batches=len(self)))
        self.seed = state["seed"]
        self._next, self._place = state["epoch"], (state["epoch"], state["position"])

    @property
    def _index_sampler(self) -> Iterable[Any]:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _handed_out(self, epoch: int, position: int | None) -> None:
        self._place = (self._next, 0) if position is None else (epoch, position)

    def _wanted(self, epoch: int) -> Iterator[Batch]:
        """Which samples are in each batch."""
        if not self._own_order:
            return _numbered(self._index_sampler, single=self.batch_sampler is None)
        n = len(self.dataset)
        order = (permutation(n, self.seed, epoch) if self.shuffle else np.arange(n)).tolist()
        size = self.batch_size or 1
        parts = (order[start : start + size] for start in range(0, n, size))
        return (Batch(part, part) for part in parts if len(part) == size or not self.drop_last)


def _in_order(dataset: Any) -> Iterable[Any]:
    """All places in their order; of a stream, which has none, None without end, as in PyTorch."""
    return repeat(None) if isinstance(dataset, IterableDataset) else SequentialSampler(dataset)


def _numbered(sampler: Iterable[Any], single: bool) -> Iterator[Batch]:
    """What a sampler gives, with the next numbers of the epoch for each sample."""
    numbers = count()
    for given in sampler:
        if not single and not isinstance(given, Iterable):
            raise ArgumentTypeError(
                f"'{type(given).__name__}' object is not iterable", where="batch_sampler", advice="[[0, 1], [2, 3]]"
            )
        keys = [given] if single else list(given)
        yield Batch(keys, [next(numbers) for _ in keys])


def _check_workers(num_workers: int, timeout: float, prefetch_factor: int | None, persistent: bool) -> None:
    if isinstance(num_workers, bool) or not isinstance(num_workers, int) or num_workers < 0:
        raise ArgumentError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
            got=str(num_workers),
            advice=say("data.workers"),
        )
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise ArgumentTypeError(say("data.timeout", name=type(timeout).__name__))
    if timeout < 0:
        raise ArgumentError("timeout option should be non-negative", got=str(timeout))
    if num_workers == 0 and prefetch_factor is not None:
        raise ArgumentError(
            "prefetch_factor option could only be specified in multiprocessing."
            "let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."
        )
    if prefetch_factor is not None and (not isinstance(prefetch_factor, int) or prefetch_factor < 0):
        raise ArgumentError("prefetch_factor option should be non-negative", got=str(prefetch_factor))
    if truthy(persistent, "DataLoader", "persistent_workers") and num_workers == 0:
        raise ArgumentError("persistent_workers option needs num_workers > 0")


def _check_stream(shuffle: object, sampler: object, batch_sampler: object) -> None:
    """Refuse what would order the samples of a stream."""
    for name, given in (("shuffle", shuffle or None), ("sampler", sampler), ("batch_sampler", batch_sampler)):
        if given is not None:
            raise ArgumentError(
                f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={given}"
            )


def _check_dataset(dataset: Samples[Any], counted: bool, shuffled: bool) -> None:
    """`counted` are data sets whose places are not given by a sampler: they have a length."""
    check_samples(dataset, counted)
    if shuffled and len(dataset) == 0:
        raise DataError(
            "num_samples should be a positive integer value, but got num_samples=0", advice=say("data.empty")
        )


def _check_order(
    batch_size: int | None, shuffle: object, sampler: object, batch_sampler: object, drop_last: bool
) -> None:
    for name, given in (("sampler", sampler), ("batch_sampler", batch_sampler)):
        if given is not None and not hasattr(given, "__iter__") and not hasattr(given, "__getitem__"):
            raise ArgumentTypeError(
                f"'{type(given).__name__}' object is not iterable", where=name, advice=say("data.sampler")
            )
    if not isinstance(shuffle, bool | int | np.bool_ | None):
        raise ArgumentTypeError(say("data.shuffle", name=type(shuffle).__name__))
    if sampler is not None and shuffle:
        raise ArgumentError("sampler option is mutually exclusive with shuffle")
    if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
        raise ArgumentError(
            "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
        )
    if batch_size is None and drop_last:
        raise ArgumentError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
