"""Mappings of so many entries: one drops its least recently used entry, one its oldest."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def kept(entries: dict[K, V], key: K, value: V, most: int) -> V:
    """The value, which stands in a dictionary now; of `most` entries there the oldest goes. A look-up is Python's own.

    >>> names: dict[int, str] = {}
    >>> [kept(names, number, str(number), most=2) for number in (3, 4, 5)], names
    (['3', '4', '5'], {4: '4', 5: '5'})
    """
    while len(entries) >= most:
        del entries[next(iter(entries))]
    entries[key] = value
    return value


@dataclass(eq=False)
class Entry(Generic[K, V]):
    """A value and the time of its last use. Graph keys are long, so a look-up hashes its key only once."""

    key: K
    value: V
    clock: Iterator[int]
    used: int = 0

    def use(self) -> None:
        """Note that it is used now."""
        self.used = next(self.clock)


class LRU(Generic[K, V]):
    """The `most` entries used most recently. It has no lock: two threads may make the same entry.

    >>> squares = LRU[int, int](most=2)
    >>> [squares.get(n, lambda: n * n) for n in (3, 4, 3, 5)]
    [9, 16, 9, 25]
    >>> squares.values()
    [25, 9]
    """

    def __init__(self, most: int = 1024) -> None:
        self.most = most
        self._entries: dict[K, Entry[K, V]] = {}
        self._clock = itertools.count()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key, made by `make` if there is none."""
        return self.entry(key, make).value

    def entry(self, key: K, make: Callable[[], V]) -> Entry[K, V]:
        """The entry of a key, whose value is made by `make` if there is none."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(key, make(), self._clock)
        entry.use()
        while len(self._entries) > self.most:
            self.drop()
        return entry

    def drop(self) -> None:
        """Drop the least recently used entry."""
        oldest = min(list(self._entries.values()), key=lambda entry: entry.used)
        self._entries.pop(oldest.key, None)

    def values(self) -> list[V]:
        """All values, the most recently used first."""
        return [e.value for e in sorted(self._entries.values(), key=lambda entry: entry.used, reverse=True)]

    def __len__(self) -> int:
        return len(self._entries)
