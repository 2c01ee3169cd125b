"""Samplers: the order in which the samples of a data set come.

Source: https://pytorch.org/docs/stable/data.html#torch.utils.data.Sampler
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from knoll.data.randomness import drawn_seed
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor

T_co = TypeVar("T_co", covariant=True)


class Sampler(Generic[T_co]):
    """The base of every sampler: iterating over it gives indices, or lists of indices, of one epoch.

    >>> import knoll
    >>> from knoll.data import DataLoader, Sampler
    >>> class Backward(Sampler):
    ...     def __iter__(self):
    ...         return iter([2, 1, 0])
    >>> [batch.tolist() for batch in DataLoader(knoll.arange(3), sampler=Backward())]
    [[2], [1], [0]]
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """All samples in their order.

    >>> from knoll.data import SequentialSampler
    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    data_source: Sized

    def __init__(self, data_source: Sized) -> None:
        self.data_source = _sized(data_source)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        """The number of samples."""
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """Samples in a random order, another one at each iteration; with `replacement` each drawn anew from all.

    `num_samples` are drawn, as many as there are by default. `generator` is what `knoll.manual_seed` returns; without
    it the numbers come from the generator that `knoll.manual_seed` seeds. Raises ArgumentError.

    >>> from knoll.data import RandomSampler
    >>> sorted(RandomSampler(range(3)))
    [0, 1, 2]
    """

    data_source: Sized

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise ArgumentTypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        self.data_source = _sized(data_source)
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        _check_positive("num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many samples are drawn."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n, numbers = len(self.data_source), _numbers(self.generator)
        if self.replacement:
            yield from numbers.integers(n, size=self.num_samples).tolist()
            return
        for begin in range(0, self.num_samples, n):
            yield from numbers.permutation(n)[: self.num_samples - begin].tolist()

    def __len__(self) -> int:
        """How many samples are drawn."""
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The samples of these indices in a random order, another one at each iteration.

    >>> from knoll.data import SubsetRandomSampler
    >>> sorted(SubsetRandomSampler([3, 5, 8]))
    [3, 5, 8]
    """

    def __init__(self, indices: Sequence[int], generator: np.random.Generator | None = None) -> None:
        if isinstance(indices, Mapping) or not hasattr(_sized(indices), "__getitem__"):
            raise ArgumentTypeError(say("data.indices", name=type(indices).__name__), expected="[0, 2, 5]")
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for place in _numbers(self.generator).permutation(len(self.indices)).tolist():
            yield self.indices[place]

    def __len__(self) -> int:
        """The number of indices."""
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """`num_samples` indices, each with a probability in proportion to its weight.

    Raises ArgumentError for weights that are no probabilities, or too few of them without `replacement`.

    >>> from knoll.data import WeightedRandomSampler
    >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], num_samples=3))
    [1, 1, 1]
    """

    def __init__(
        self,
        weights: Sequence[float] | Tensor,
        num_samples: int,
        replacement: bool = True,
        generator: np.random.Generator | None = None,
    ) -> None:
        _check_positive("num_samples", num_samples)
        _check_boolean("replacement", replacement)
        shares = _shares(weights)
        if shares.ndim != 1:
            raise ArgumentError(f"weights should be a 1d sequence but given weights have shape {tuple(shares.shape)}")
        if not np.isfinite(shares).all() or (shares < 0).any():
            raise ArgumentError(
                "invalid multinomial distribution (encountering probability entry < 0)", expected=say("data.weights")
            )
        if shares.sum() <= 0:
            raise ArgumentError(
                "invalid multinomial distribution (sum of probabilities <= 0)", expected=say("data.weights")
            )
        if not replacement and np.count_nonzero(shares) < num_samples:
            raise ArgumentError(
                "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
                got=f"{num_samples} > {np.count_nonzero(shares)}",
            )
        self.weights = shares
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        shares = self.weights / self.weights.sum()
        drawn = _numbers(self.generator).choice(len(shares), self.num_samples, self.replacement, shares)
        yield from drawn.tolist()

    def __len__(self) -> int:
        """How many samples are drawn."""
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of `batch_size` indices of another sampler; a last one that is not full is left out with `drop_last`.

    >>> from knoll.data import BatchSampler
    >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        _check_positive("batch_size", batch_size)
        _check_boolean("drop_last", drop_last)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) < self.batch_size and self.drop_last:
                return
            yield batch

    def __len__(self) -> int:
        """The number of batches."""
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]  # those that know it
        return whole + (rest > 0 and not self.drop_last)


def _numbers(generator: np.random.Generator | None) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(drawn_seed(generator)))


def _sized(data_source: Sized) -> Sized:
    if not hasattr(data_source, "__len__"):
        raise ArgumentTypeError(f"object of type '{type(data_source).__name__}' has no len()")
    return data_source


def _shares(weights: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(weights.detach().numpy() if isinstance(weights, Tensor) else weights, np.float64)
    except (TypeError, ValueError):
        raise ArgumentTypeError(say("data.weights_type", got=type(weights).__name__)) from None


def _check_positive(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ArgumentError(f"{name} should be a positive integer value, but got {name}={value}")


def _check_boolean(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ArgumentError(f"{name} should be a boolean value, but got {name}={value}")
