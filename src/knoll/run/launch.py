"""Launches: phases laid out for a workspace, a number of samples and of threads, so that a call only adds addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import inf
from typing import NamedTuple

import numpy as np

from knoll.graph import Array, Spec
from knoll.graph.spec import DType
from knoll.run.workspace import address

WAKES, INSIDE = 1, 2  # words of a launch: whether it wakes workers, and how many were still inside when all was done


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


class Operand(NamedTuple):
    """An array that a launch takes or gives: the number of the buffer that lies in it, and its shape and element type.

    Without a spec it is any array, whatever its strides.
    """

    number: int
    spec: Spec | None = None

    @property
    def dtype(self) -> DType | None:
        """The element type, as the object of it that results are made of."""
        return None if self.spec is None else np.dtype(self.spec.dtype.type)

    def read(self, array: Array) -> Array:
        """The numbers of an array as steps read them."""
        dtype, spec = self.dtype, self.spec
        if dtype is None or spec is None:
            return np.asarray(array)
        ordered = np.require(np.asarray(array), dtype, ("C_CONTIGUOUS", "ALIGNED")).reshape(spec.shape)
        return ordered if ordered.dtype.num == dtype.num else ordered.view(dtype)  # C's long and long long are equal


class Signature(NamedTuple):
    """The arrays that a launch takes, and those that it makes and gives."""

    takes: Sequence[Operand] = ()
    gives: Sequence[Operand] = ()


class Launch:
    """The jobs of some phases, as the native run time reads them (`workers.ll`), and the arrays of a call.

    `bases` are the tables of base addresses that the jobs point to, with a row for each of the `threads` that may take
    part. `words` are what `call.ll` says. Denormal numbers are zero unless it keeps them.
    """

    words: Array
    threads: int
    signature: Signature
    nanoseconds: float  # that it took when it ran last

    def __init__(
        self,
        jobs: Sequence[Job],
        threads: int,
        bases: Iterable[Array],
        signature: Signature,
        keep_alive: object = None,
        denormals: bool = False,
    ) -> None:
        self._jobs: Array = np.array(jobs, np.int64).reshape(-1, len(Job._fields))
        self._rows = [memoryview(row) for table in bases for row in table]
        first, size = address(self._jobs), self._jobs.strides[0]
        head = len(jobs), threads, 0, denormals
        self._list: Array = np.array([*head, *(first + i * size for i in range(len(jobs)))], np.int64)
        self.threads, self.signature, self.nanoseconds = threads, signature, inf
        self._table, self._lengths = _table(signature, [address(np.asarray(row)) for row in self._rows])
        counts = len(signature.takes), len(signature.gives), len(self._rows)
        self.words = np.array([address(self._list), False, 0, *counts, address(self._table)], np.int64)
        self._packed: Mapping[int, int] = {}
        self._keep_alive = keep_alive  # what the addresses in `bases` point into

    def readable(self, arrays: Sequence[Array]) -> list[Array]:
        """The numbers of arrays as steps read them: copies of those that lie otherwise."""
        return [operand.read(array) for operand, array in zip(self.signature.takes, arrays, strict=True)]

    def place(self, number: int, array: Array) -> None:
        """Let a buffer lie in an array from now on, which somebody else keeps alive."""
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


def _table(signature: Signature, rows: Sequence[int]) -> tuple[Array, Array]:
    """The table of a signature, as the native call reads it, and the lengths of axes that it points to."""
    operands = (*signature.takes, *signature.gives)
    shapes = [() if operand.spec is None else operand.spec.shape for operand in operands]
    lengths = np.array([length for shape in shapes for length in shape], np.int64)
    begins = accumulate(map(len, shapes), initial=0)
    entries = [
        (
            0 if operand.dtype is None else id(operand.dtype),
            len(shape),
            address(lengths) + begin * lengths.itemsize,
            operand.number * lengths.itemsize,
        )
        for operand, shape, begin in zip(operands, shapes, begins, strict=False)
    ]
    return np.array([*(word for entry in entries for word in entry), *rows], np.int64), lengths
