"""What a data set is, and data sets made of others: sums, subsets, splits, and arrays side by side."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, cycle
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from knoll.data.randomness import fresh_seed, permutation
from knoll.errors import ArgumentError, DimensionError, UnsupportedError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy

T_co = TypeVar("T_co", covariant=True)
Columns = tuple[NDArray[Any], ...]


class Samples(Protocol[T_co]):
    """Anything that has a length and gives the sample at an index; what a loader takes."""

    def __len__(self) -> int:
        """The number of samples."""
        ...

    def __getitem__(self, index: int, /) -> T_co:
        """The sample at this place."""
        ...


@runtime_checkable
class Batched(Protocol):
    """Samples that can be fetched many at a time, as one array a column, without making each of them."""

    def gather(self, indices: NDArray[np.int64]) -> Columns | None:
        """The samples at these places as columns, each (n, …); None where only one at a time is possible."""
        ...


class Dataset(Generic[T_co]):
    """The class to inherit from for a data set of one's own: give it `__len__` and `__getitem__`.

    `first + second` is the data set of both. https://pytorch.org/docs/stable/data.html#torch.utils.data.Dataset

    >>> class Squares(Dataset[int]):
    ...     def __len__(self) -> int:
    ...         return 4
    ...
    ...     def __getitem__(self, index: int) -> int:
    ...         return index**2
    >>> both = Squares() + Squares()
    >>> len(both), both[3], both[6]
    (8, 9, 4)
    """

    def __len__(self) -> int:
        """The number of samples."""
        raise UnsupportedError(say("data.no_len", name=type(self).__name__))

    def __getitem__(self, index: int) -> T_co:
        """The sample at this place."""
        raise UnsupportedError("Subclasses of Dataset should implement __getitem__.", where=type(self).__name__)

    def __add__(self, other: Samples[T_co]) -> ConcatDataset[T_co]:
        """Both data sets, one after the other."""
        return ConcatDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors whose first axes are the samples: sample i is row i of each.

    Raises ArgumentError where they differ in length.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset

    >>> data = TensorDataset(from_numpy(np.zeros((5, 3, 8, 8), np.float32)), from_numpy(np.arange(5)))
    >>> len(data), tuple(data[2][0].shape)
    (5, (3, 8, 8))
    """

    def __init__(self, *tensors: Tensor) -> None:
        if not tensors:
            raise ArgumentError(say("data.no_tensors"))
        self.tensors = tensors
        self._columns: Columns = tuple(tensor.numpy() for tensor in tensors)
        if len({len(column) for column in self._columns}) > 1:
            lengths = ", ".join(str(len(column)) for column in self._columns)
            raise ArgumentError("Size mismatch between tensors", came=say("data.lengths", lengths=lengths))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._columns[0])

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        """Row `index` of each tensor."""
        place = _checked(index, len(self))
        return tuple(from_numpy(np.asarray(column[place])) for column in self._columns)

    def gather(self, indices: NDArray[np.int64]) -> Columns:
        """These rows of each tensor."""
        return tuple(column[indices] for column in self._columns)


class ConcatDataset(Dataset[T_co]):
    """Data sets one after the other.

    https://pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset
    """

    def __init__(self, datasets: Sequence[Samples[T_co]]) -> None:
        if not datasets:
            raise ArgumentError("datasets should not be an empty iterable")
        self.datasets = list(datasets)
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __len__(self) -> int:
        """The samples of all together."""
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> T_co:
        """The sample at this place, counted through all data sets."""
        place = _checked(index, len(self))
        which = bisect_right(self.cumulative_sizes, place)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][place - before]


class Subset(Dataset[T_co]):
    """The samples of another data set at these places.

    https://pytorch.org/docs/stable/data.html#torch.utils.data.Subset

    >>> [Subset("landscape", [0, 4, 8])[i] for i in range(3)]
    ['l', 's', 'e']
    """

    def __init__(self, dataset: Samples[T_co], indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __len__(self) -> int:
        """The number of places."""
        return len(self.indices)

    def __getitem__(self, index: int) -> T_co:
        """The sample at the place that stands at `index`."""
        return self.dataset[self.indices[_checked(index, len(self))]]

    def gather(self, indices: NDArray[np.int64]) -> Columns | None:
        """What the data set gives for these of its places."""
        if not isinstance(self.dataset, Batched):
            return None
        return self.dataset.gather(np.asarray(self.indices, np.int64)[indices])


def random_split(
    dataset: Samples[T_co], lengths: Sequence[int] | Sequence[float], seed: int | None = None
) -> list[Subset[T_co]]:
    """Parts that share no sample, of these lengths or of these fractions of the whole.

    The same seed gives the same parts. Raises ArgumentError where the lengths are not those of the whole.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.random_split

    >>> [len(part) for part in random_split(range(10), [0.7, 0.3], seed=0)]
    [7, 3]
    """
    sizes = _sizes(len(dataset), lengths)
    if sum(sizes) != len(dataset):
        raise ArgumentError(
            "Sum of input lengths does not equal the length of the input dataset!",
            expected=str(len(dataset)),
            came=f"{' + '.join(map(str, sizes))} = {sum(sizes)}",
        )
    order = permutation(len(dataset), fresh_seed() if seed is None else seed, epoch=0).tolist()
    ends = accumulate(sizes)
    return [Subset(dataset, order[end - size : end]) for size, end in zip(sizes, ends, strict=True)]


def _sizes(n: int, lengths: Sequence[int] | Sequence[float]) -> list[int]:
    """Lengths in samples; what fractions leave over goes to the parts in turn, as in PyTorch."""
    if not (math.isclose(sum(lengths), 1) and sum(lengths) <= 1):
        return [int(length) for length in lengths]
    for place, fraction in enumerate(lengths):
        if not 0 <= fraction <= 1:
            raise ArgumentError(f"Fraction at index {place} is not between 0 and 1")
    sizes = [math.floor(n * fraction) for fraction in lengths]
    for _, place in zip(range(n - sum(sizes)), cycle(range(len(sizes))), strict=False):
        sizes[place] += 1
    return sizes


def _checked(index: int, n: int) -> int:
    """The place that a possibly negative index means."""
    if not -n <= index < n:
        raise DimensionError(say("data.index", index=index, n=n))
    return index % n
