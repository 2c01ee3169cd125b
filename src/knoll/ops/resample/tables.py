"""Sparse tables: linear maps along one axis in compressed sparse row form (indices and weights of each result)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from knoll.graph import Array

Places = tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Result j is the sum of its `counts[j]` entries, divided by `divisors[j]`.

    An entry is the element at its index (place), times its weight if there are `weights`. The indices of a result are
    contiguous, from `firsts[j]` on, unless `listed` holds the indices of all entries. The axis that is read has `size`
    elements; zero weights have no entry, so that infinity times zero does not occur.
    """

    size: int
    firsts: Array
    counts: Array
    divisors: Array
    weights: Array | None = None
    listed: Array | None = None

    @classmethod
    def neighbours(cls, size: int, firsts: Array, stops: Array, divisors: Array | None = None) -> Table:
        """A table of contiguous indices with weight 1, from `firsts` to before `stops`; divisors are 1 unless given."""
        return cls(size, firsts, np.maximum(stops - firsts, 0), np.ones(len(firsts)) if divisors is None else divisors)

    @classmethod
    def of_places(cls, size: int, places: Sequence[Places], divisors: Sequence[float] | None = None) -> Table:
        """A table of any indices with weight 1.

        >>> Table.of_places(9, [(0, 4), (), (8,)])
        Table(size=9, places=((0, 4), (), (8,)), divisors=(1.0, 1.0, 1.0))
        """
        counts = np.array([len(each) for each in places], np.int64)
        firsts = np.array([each[0] if each else 0 for each in places], np.int64)
        listed = np.array([place for each in places for place in each], np.int64)
        return cls(size, firsts, counts, np.array(divisors or (1.0,) * len(places)), listed=listed)

    def of(self, result: int) -> Places:
        """The indices of one result."""
        start, count = int(self.starts[result]), int(self.counts[result])
        if self.listed is not None:
            return tuple(self.listed[start : start + count].tolist())
        first = int(self.firsts[result])
        return tuple(range(first, first + count))

    @cached_property
    def starts(self) -> Array:
        """The number of the first entry of each result, then the number of entries."""
        return np.concatenate([[0], np.cumsum(self.counts, dtype=np.int64)])

    @cached_property
    def places(self) -> Array:
        """The index of every entry."""
        if self.listed is not None:
            return self.listed
        moved: Array = np.repeat(self.firsts - self.starts[:-1], self.counts) + np.arange(self.starts[-1])
        return moved

    @cached_property
    def adjoins(self) -> bool:
        """Whether the results are sums of contiguous elements, each beginning where the one before it ends."""
        ends = self.firsts + self.counts
        return (
            self.weights is None
            and self.listed is None
            and bool((self.counts > 0).all())
            and np.array_equal(self.firsts[1:], ends[:-1])
        )

    @cached_property
    def copied(self) -> tuple[Array, Array]:
        """Of a table with one entry at most for each result: the elements that are copied, and the results without."""
        return np.where(self.counts > 0, self.firsts, 0), np.flatnonzero(self.counts == 0)

    @property
    def results(self) -> int:
        """How many results there are."""
        return len(self.counts)

    @property
    def taps(self) -> int:
        """The number of entries."""
        return int(self.starts[-1])

    @property
    def most(self) -> int:
        """The most entries of a result."""
        return int(self.counts.max(initial=0))

    @property
    def weighs(self) -> bool:
        """Whether entries have weights."""
        return self.weights is not None

    @cached_property
    def divisor(self) -> float | None:
        """The divisor of all results; None if they differ."""
        if not self.results:
            return 1.0
        return float(self.divisors[0]) if (self.divisors == self.divisors[0]).all() else None

    def transposed(self) -> Table:
        """The transposed table, which is the gradient: each element sums the results that read it.

        >>> Table.of_places(3, [(0, 1), (1, 2)], [2.0, 2.0]).transposed()
        Table(size=2, places=((0,), (0, 1), (1,)), divisors=(2.0, 2.0, 2.0))
        """
        divisors = np.full(self.size, 1.0 if self.divisor is None else self.divisor)
        if self.weights is None and self.divisor is not None and self._advances:
            every = np.arange(self.size)
            firsts = np.searchsorted(self.firsts + self.counts, every, "right")
            return Table.neighbours(self.results, firsts, np.searchsorted(self.firsts, every, "right"), divisors)
        order = np.argsort(self.places, kind="stable")
        readers = np.repeat(np.arange(self.results), self.counts)
        weights = np.ones(self.taps) if self.weights is None else self.weights
        weights = weights if self.divisor is not None else weights / self.divisors[readers]
        counts = np.bincount(self.places, minlength=self.size)
        listed = readers[order]
        firsts = np.append(listed, 0)[np.concatenate([[0], np.cumsum(counts)])[:-1]]
        counted = None if bool((weights == 1).all()) else weights[order]
        neighbours = Table(self.results, firsts, counts, divisors, counted)
        return neighbours if np.array_equal(neighbours.places, listed) else replace(neighbours, listed=listed)

    @property
    def _advances(self) -> bool:
        """Whether the results read neighbours that begin and end no earlier than those of the result before."""
        if self.listed is not None:
            return False
        return all(bool((np.diff(ends) >= 0).all()) for ends in (self.firsts, self.firsts + self.counts))

    @cached_property
    def _digest(self) -> str:
        """Of everything that the table holds."""
        digest = hashlib.sha256(repr((self.size, self.weighs, self.listed is not None)).encode())
        for numbers in (self.firsts, self.counts, self.divisors, self.weights, self.listed):
            digest.update(b"" if numbers is None else repr((numbers.dtype, numbers.shape)).encode() + numbers.tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __repr__(self) -> str:
        """Short tables as they are, for people; long ones by their digest."""
        if self.taps + self.results > MAX_PRINTED:
            return f"Table(size={self.size}, results={self.results}, digest={self._digest})"
        words = [f"size={self.size}", f"places={tuple(map(self.of, range(self.results)))}"]
        words += [f"weights={tuple(self.weights.tolist())}"] if self.weights is not None else []
        return f"Table({', '.join([*words, f'divisors={tuple(self.divisors.tolist())}'])})"


MAX_PRINTED = 32  # tables with no more entries and results are printed whole
