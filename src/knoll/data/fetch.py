"""From places in a data set to a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.data.collate import collate
from knoll.data.dataset import many_at_once
from knoll.data.fast_path import fast_path
from knoll.data.randomness import Draws, drawing
from knoll.errors import KnollError, StateError
from knoll.messages import say


@dataclass(frozen=True)
class Batch:
    """Which samples form a batch.

    `keys` are their places in the data set. `numbers` say which random numbers each of them gets; a sample that comes
    more than once in an epoch must not be cropped alike every time.
    """

    keys: Sequence[Any]
    numbers: Sequence[int]


@dataclass(frozen=True)
class Fetcher:
    """How the batches of one epoch are made: each is `collate_fn` of the list of its samples `dataset[key]`."""

    dataset: Any
    collate_fn: Callable[[Any], Any]
    seed: int
    epoch: int

    def batch(self, batch: Batch) -> Any:
        """The batch of these samples, by the fast path of the data set where it has one that applies."""
        try:
            return self._gathered(batch) or self.collate_fn(self._samples(batch))
        except KnollError as error:
            error.located(say("data.batch_of", indices=", ".join(map(str, batch.keys))))
            raise

    def single(self, batch: Batch) -> Any:
        """The one sample of a loader without batches."""
        return self.collate_fn(self._sample(batch.keys[0], batch.numbers[0]))

    def _gathered(self, batch: Batch) -> list[Any] | None:
        gather = fast_path(self.dataset, "gather") if self.collate_fn is collate else None
        if gather is None or not all(isinstance(key, int) for key in batch.keys):
            return None
        with drawing(self._draws(batch.numbers)):
            columns = gather(np.asarray(batch.keys, np.int64))
        return None if columns is None else list(columns)

    def _samples(self, batch: Batch) -> list[Any]:
        fetch_many = many_at_once(self.dataset)
        if fetch_many is None:
            return [self._sample(key, number) for key, number in zip(batch.keys, batch.numbers, strict=True)]
        with drawing(self._draws(batch.numbers)):
            return list(fetch_many(list(batch.keys)))

    def _sample(self, key: Any, number: int) -> Any:
        try:
            with drawing(self._draws([number])):
                return self.dataset[key]
        except KnollError as error:
            error.located(say("data.sample", index=key))
            raise
        except StopIteration as error:  # it would end the loop over the loader in silence
            raise StateError(say("data.stop_iteration"), where=say("data.sample", index=key)) from error
        except Exception as error:
            error.add_note(say("data.sample", index=key))
            raise

    def _draws(self, numbers: Sequence[int]) -> Draws:
        return Draws(self.seed, self.epoch, list(numbers))
