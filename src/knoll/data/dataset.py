"""What a data set is, and a stream; data sets made of others: sums, subsets, splits, and arrays side by side."""

from __future__ import annotations

import math
import operator
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, cycle
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from knoll.data.fast_path import FastPath, fast_path, replaces, static
from knoll.data.randomness import drawn_seed, permutation
from knoll.deferred import html_of
from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, UnsupportedError, warn
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy

T_co = TypeVar("T_co", covariant=True)
Columns = tuple[Tensor, ...]


class Samples(Protocol[T_co]):
    """Anything that has a length and gives the sample at an index; what a loader takes."""

    def __len__(self) -> int:
        """The number of samples."""
        ...

    def __getitem__(self, index: int, /) -> T_co:
        """The sample at this place."""
        ...


class Dataset(Generic[T_co]):
    """The class to inherit from for a data set of one's own: give it `__len__` and `__getitem__`.

    `first + second` is the data set of both. https://pytorch.org/docs/stable/data.html#torch.utils.data.Dataset

    >>> from knoll.data import Dataset
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

    def _repr_html_(self) -> str | None:
        return html_of("views.data_display", "dataset_html", self)

    def __add__(self, other: Samples[T_co]) -> ConcatDataset[T_co]:
        """Both data sets, one after the other."""
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co], ABC):
    """The class to inherit from for a stream of samples: give it `__iter__`, and `__len__` if that is known.

    Every worker of a loader has its own copy and its own iterator: `get_worker_info()` tells an `__iter__` which part
    is its own; without that each sample comes once from every worker. `first + second` is both, one after the other.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset

    >>> from collections.abc import Iterator
    >>> from knoll.data import DataLoader, IterableDataset
    >>> class Numbers(IterableDataset[int]):
    ...     def __iter__(self) -> Iterator[int]:
    ...         yield from range(5)
    >>> [batch.tolist() for batch in DataLoader(Numbers(), batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    @abstractmethod
    def __iter__(self) -> Iterator[T_co]:
        """The samples of one epoch."""

    def __len__(self) -> int:
        """Refused in Python's words unless a subclass knows how many samples there are."""
        raise ArgumentTypeError(f"object of type '{type(self).__name__}' has no len()")

    def __bool__(self) -> bool:
        return True

    def __add__(self, other: Any) -> ChainDataset[T_co]:  # type: ignore[override]  # a stream
        """Both data sets, one after the other."""
        return ChainDataset([self, other])


class ChainDataset(IterableDataset[T_co]):
    """Streams of samples, one after the other.

    Raises ArgumentTypeError for one that is none, when its turn comes.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.ChainDataset

    >>> from knoll.data import ChainDataset, IterableDataset
    >>> class Count(IterableDataset):
    ...     def __iter__(self):
    ...         return iter(range(2))
    >>> list(ChainDataset([Count(), Count()]))
    [0, 1, 0, 1]
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        if not isinstance(datasets, Iterable):
            raise ArgumentTypeError(f"'{type(datasets).__name__}' object is not iterable")
        self.datasets = datasets

    def __iter__(self) -> Iterator[T_co]:
        for dataset in self._checked():
            yield from dataset

    def __len__(self) -> int:
        """The samples of all together."""
        return sum(map(len, self._checked()))

    def _checked(self) -> Iterator[IterableDataset[T_co]]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise ArgumentTypeError("ChainDataset only supports IterableDataset", got=type(dataset).__name__)
            yield dataset


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors whose first axes are the samples: sample i is row i of each.

    Raises ArgumentError where they differ in length.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset

    >>> import numpy as np
    >>> from knoll import from_numpy
    >>> from knoll.data import TensorDataset
    >>> data = TensorDataset(from_numpy(np.zeros((5, 3, 8, 8), np.float32)), from_numpy(np.arange(5)))
    >>> len(data), tuple(data[2][0].shape)
    (5, (3, 8, 8))
    """

    def __init__(self, *tensors: Tensor) -> None:
        if not tensors:
            raise ArgumentError(say("data.no_tensors"))
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise ArgumentTypeError(
                    say("data.not_tensor", name=type(tensor).__name__), advice=say("data.use_tensor")
                )
            if not tensor.shape:
                raise ArgumentError("Dimension specified as 0 but tensor has no dimensions")
        self.tensors = tensors
        if len({len(tensor) for tensor in tensors}) > 1:
            lengths = ", ".join(str(len(tensor)) for tensor in tensors)
            raise ArgumentError("Size mismatch between tensors", got=say("data.lengths", lengths=lengths))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.tensors[0])

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        """Row `index` of each tensor; a slice, or several places, give those rows."""
        if isinstance(index, int | np.integer) and not isinstance(index, bool):
            n = len(self.tensors[0])
            if not -n <= index < n:
                raise DimensionError(say("data.index", index=index, n=n))
        return tuple(tensor[index] for tensor in self.tensors)

    @replaces("__getitem__", "__getitems__", "__len__")
    def gather(self, indices: NDArray[np.int64]) -> Columns:
        """These rows of each tensor."""
        rows = from_numpy(indices)
        return tuple(
            tensor[rows] if tensor.requires_grad else from_numpy(tensor.numpy()[indices]) for tensor in self.tensors
        )


class ConcatDataset(Dataset[T_co]):
    """Data sets one after the other.

    https://pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset

    >>> from knoll.data import ConcatDataset
    >>> data = ConcatDataset([["a", "b"], ["c"]])
    >>> len(data), data[2]
    (3, 'c')
    """

    datasets: list[Samples[T_co]]
    cumulative_sizes: list[int]

    def __init__(self, datasets: Iterable[Samples[T_co]]) -> None:
        if not isinstance(datasets, Iterable):
            raise ArgumentTypeError(f"'{type(datasets).__name__}' object is not iterable", advice=say("data.concat"))
        self.datasets = list(datasets)
        if not self.datasets:
            raise ArgumentError("datasets should not be an empty iterable")
        for dataset in self.datasets:
            if isinstance(dataset, IterableDataset):
                raise ArgumentTypeError("ConcatDataset does not support IterableDataset")
            check_samples(dataset)
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __len__(self) -> int:
        """The samples of all together."""
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> T_co:
        """The sample at this place, counted through all data sets."""
        place = checked_place(index, len(self))
        which = bisect_right(self.cumulative_sizes, place)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][place - before]


class Subset(Dataset[T_co]):
    """The samples of another data set at these places.

    https://pytorch.org/docs/stable/data.html#torch.utils.data.Subset

    >>> from knoll.data import Subset
    >>> [Subset("landscape", [0, 4, 8])[i] for i in range(3)]
    ['l', 's', 'e']
    """

    def __init__(self, dataset: Samples[T_co], indices: Sequence[int]) -> None:
        check_samples(dataset, counted=False)
        if not all(hasattr(indices, name) for name in ("__len__", "__getitem__")):
            raise ArgumentTypeError(say("data.indices", name=type(indices).__name__), expected="[0, 2, 5]")
        self.dataset = dataset
        self.indices = indices

    def __len__(self) -> int:
        """The number of places."""
        return len(self.indices)

    def __getitem__(self, index: Any) -> T_co:
        """The sample at the place that stands at `index`; of several, what the data set gives for a list of them."""
        if isinstance(index, list | slice):
            places = range(len(self.indices))[index] if isinstance(index, slice) else index
            several: Any = [self._place(one) for one in places]
            return self.dataset[several]
        return self.dataset[self._place(index)]

    @replaces("__getitem__")
    def __getitems__(self, indices: list[int]) -> Sequence[T_co]:
        """The samples at these places, fetched together where the data set can."""
        places = [self._place(index) for index in indices]
        fetch_many = many_at_once(self.dataset)
        return [self.dataset[place] for place in places] if fetch_many is None else fetch_many(places)

    @replaces("__getitem__", "__getitems__", "__len__")
    def gather(self, indices: NDArray[np.int64]) -> Columns | None:
        """What the data set gives for these of its places."""
        gather = fast_path(self.dataset, "gather")
        places = [self._place(index) for index in indices.tolist()] if gather else []
        if gather is None or not all(isinstance(place, int | np.integer) for place in places):
            return None
        columns: Columns | None = gather(np.asarray(places, np.int64))
        return columns

    def _place(self, index: Any) -> Any:
        return self.indices[checked_place(index, len(self.indices))]


def many_at_once(dataset: object) -> Callable[[list[Any]], Sequence[Any]] | None:
    """The method `__getitems__` of a data set; None where it has none, or a subclass overrides `__getitem__` alone.

    That of a subset counts only where the data set behind it has one.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.Dataset
    """
    if isinstance(static(type(dataset), "__getitems__"), FastPath):
        behind = getattr(dataset, "dataset", None)
        return None if many_at_once(behind) is None else fast_path(dataset, "__getitems__")
    for kind in type(dataset).__mro__:
        if "__getitems__" in vars(kind):
            found: Callable[[list[Any]], Sequence[Any]] | None = getattr(dataset, "__getitems__", None)
            return found
        if "__getitem__" in vars(kind):
            return None
    return None


def random_split(
    dataset: Samples[T_co],
    lengths: Sequence[int] | Sequence[float],
    generator: np.random.Generator | None = None,
    *,
    seed: int | None = None,
) -> list[Subset[T_co]]:
    """Parts that share no sample, of these lengths or of these fractions of the whole.

    The same seed gives the same parts; without one it is drawn from `generator`, or from the generator that
    `knoll.manual_seed` seeds. Raises ArgumentError where the lengths are not those of the whole.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.random_split

    >>> from knoll.data import random_split
    >>> [len(part) for part in random_split(range(10), [0.7, 0.3], seed=0)]
    [7, 3]
    """
    check_samples(dataset)
    if isinstance(lengths, str) or not isinstance(lengths, Iterable) or getattr(lengths, "shape", None) == ():
        raise ArgumentTypeError(
            say("data.lengths_type", name=type(lengths).__name__), expected=say("data.split_lengths")
        )
    sizes = _sizes(len(dataset), list(lengths))
    if sum(sizes) != len(dataset):
        raise ArgumentError(
            "Sum of input lengths does not equal the length of the input dataset!",
            expected=str(len(dataset)),
            got=f"{' + '.join(map(str, sizes))} = {sum(sizes)}",
        )
    for place, size in enumerate(sizes):
        if size != int(size) or size < 0:
            raise ArgumentError(say("data.length", place=place, length=size), expected=say("data.split_lengths"))
    order = permutation(len(dataset), drawn_seed(generator, seed), epoch=0).tolist()
    ends = accumulate(map(int, sizes))
    return [Subset(dataset, order[end - int(size) : end]) for size, end in zip(sizes, ends, strict=True)]


def _sizes(n: int, lengths: Sequence[float]) -> Sequence[float]:
    """Lengths in samples; what fractions leave over goes to the parts in turn, as in PyTorch."""
    for place, length in enumerate(lengths):
        if isinstance(length, bool) or not isinstance(length, int | float | np.number):
            raise ArgumentTypeError(
                say("data.length_type", place=place, name=type(length).__name__), expected=say("data.split_lengths")
            )
    total = sum(lengths)
    if not (math.isclose(total, 1) and total <= 1):
        return lengths
    for place, fraction in enumerate(lengths):
        if not 0 <= fraction <= 1:
            raise ArgumentError(f"Fraction at index {place} is not between 0 and 1")
    sizes = [math.floor(n * fraction) for fraction in lengths]
    for _, place in zip(range(n - sum(sizes)), cycle(range(len(sizes))), strict=False):
        sizes[place] += 1
    for place, size in enumerate(sizes):
        if size == 0:
            warn(f"Length of split at index {place} is 0. This might result in an empty dataset.")
    return sizes


def check_samples(dataset: Any, counted: bool = True) -> None:
    """Refuse what has no samples, or no length where it is `counted`. Raises ArgumentTypeError."""
    needed = ["__getitem__", "__len__"] if counted else ["__getitem__"]
    number = getattr(dataset, "shape", None) == ()
    if isinstance(dataset, type) or number or not all(hasattr(dataset, name) for name in needed):
        name = dataset.__name__ if isinstance(dataset, type) else type(dataset).__name__
        raise ArgumentTypeError(say("data.no_dataset", name=name))


def checked_place(index: int, n: int) -> int:
    """The place that a possibly negative index means. Raises DimensionError, ArgumentTypeError for no whole number."""
    try:
        place = operator.index(index)
    except TypeError:
        raise ArgumentTypeError(
            say("data.index_type", name=type(index).__name__), expected=say("data.whole_index", n=n)
        ) from None
    if not -n <= place < n:
        raise DimensionError(say("data.index", index=place, n=n))
    return place % n
