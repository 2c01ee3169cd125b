"""Launches: phases laid out for a workspace, a number of samples and of threads, so that a call only adds addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from knoll.graph import Array
from knoll.run.workspace import address


class Job(NamedTuple):
    """A phase, or some groups of its samples, in words that the native run time reads.

    Its steps are those of a table, for groups of `size` samples, `chunk` of them at a time, from group `first` up to
    `groups`. If it is `by_samples` each thread takes whole groups, else all share each step. A thread's bases are a
    row of `width` words, in which the arguments of a step begin at `arguments`; `sums` is how many partial sums are
    joined, and `batch` the number of samples of the whole call.
    """

    samples: int
    size: int
    chunk: int
    groups: int
    by_samples: int
    steps: int
    table: int
    bases: int
    width: int
    sums: int
    batch: int
    arguments: int
    first: int = 0


class Launch:
    """The jobs of some phases, as the native run time (`workers.ll`) reads them.

    `bases` are the tables of base addresses that the jobs point to, with a row for each of the `threads` that may take
    part. `address` is that of the list of the jobs. Denormal numbers are zero unless it keeps them.
    """

    address: int
    threads: int
    nanoseconds: float  # that it took when it ran last

    def __init__(
        self,
        jobs: Sequence[Job],
        threads: int,
        bases: Iterable[Array],
        keep_alive: object = None,
        denormals: bool = False,
    ) -> None:
        self._jobs: Array = np.array(jobs, np.int64).reshape(-1, len(Job._fields))
        self._rows = [memoryview(row) for table in bases for row in table]
        first, size = address(self._jobs), self._jobs.strides[0]
        head = len(jobs), threads, 0, denormals
        self._list: Array = np.array([*head, *(first + i * size for i in range(len(jobs)))], np.int64)
        self.address, self.threads, self.nanoseconds = address(self._list), threads, inf
        self._packed: Mapping[int, int] = {}
        self._keep_alive = keep_alive  # what the addresses in `bases` point into

    def place(self, numbers: Iterable[int], arrays: Iterable[Array]) -> None:
        """Let the buffers with these numbers lie in these arrays."""
        for number, array in zip(numbers, arrays, strict=True):
            where = address(array)
            for row in self._rows:
                row[number] = where

    def place_packed(self, addresses: Mapping[int, int]) -> None:
        """Let packed parameters lie at these addresses; the same mapping again costs nothing."""
        if self._packed is not addresses:
            for row in self._rows:
                for number, where in addresses.items():
                    row[number] = where
            self._packed = addresses
