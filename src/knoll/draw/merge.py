"""Frames as one list of elements: what several frames share is written once, with the frames that show it.

The elements of each frame keep their order of painting. A frame is laid over what there is by a longest common
subsequence (Hunt and Szymanski, "A fast algorithm for computing longest common subsequences", 1977).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Shared:
    """Elements that the same frames show, next to each other in the order of painting."""

    texts: tuple[str, ...]
    frames: tuple[int, ...]

    @property
    def intervals(self) -> list[tuple[int, int]]:
        """The first frame and the one after the last of each stretch of frames.

        >>> Shared(("a",), (0, 1, 2, 5)).intervals
        [(0, 3), (5, 6)]
        """
        found: list[tuple[int, int]] = []
        for frame in self.frames:
            if found and found[-1][1] == frame:
                found[-1] = (found[-1][0], frame + 1)
            else:
                found.append((frame, frame + 1))
        return found


def merged(frames: Sequence[Sequence[str]]) -> list[Shared]:
    """The elements of all frames, in an order of painting that is right for each.

    >>> [(shared.texts, shared.frames) for shared in merged([["a", "b"], ["a", "c", "b"]])]
    [(('a',), (0, 1)), (('c',), (1,)), (('b',), (0, 1))]
    """
    items: list[tuple[str, list[int]]] = []
    for number, texts in enumerate(frames):
        items = _with_frame(items, texts, number)
    groups = groupby(items, key=lambda item: item[1])
    return [Shared(tuple(text for text, _ in group), tuple(shown)) for shown, group in groups]


def _with_frame(items: list[tuple[str, list[int]]], texts: Sequence[str], number: int) -> list[tuple[str, list[int]]]:
    """The items with one more frame: common ones show in it too, the others are put between."""
    merged: list[tuple[str, list[int]]] = []
    before = i = 0
    for place, j in [*_common([text for text, _ in items], texts), (len(items), len(texts))]:
        merged += items[before:place]
        merged += [(text, [number]) for text in texts[i:j]]
        if place < len(items):
            merged.append((items[place][0], [*items[place][1], number]))
        before, i = place + 1, j + 1
    return merged


def _common(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence in both."""
    places: dict[str, list[int]] = {}
    for place in range(len(first) - 1, -1, -1):
        places.setdefault(first[place], []).append(place)
    ends: list[int] = []  # of the best subsequence of each length, where it ends in the first
    links: list[_Link] = []
    for j, text in enumerate(second):
        for place in places.get(text, ()):
            length = bisect_left(ends, place)
            link = _Link(place, j, links[length - 1] if length else None)
            ends[length : length + 1], links[length : length + 1] = [place], [link]
    return _chain(links[-1] if links else None)


@dataclass(frozen=True, slots=True)
class _Link:
    place: int
    j: int
    before: _Link | None


def _chain(link: _Link | None) -> list[tuple[int, int]]:
    found = []
    while link is not None:
        found.append((link.place, link.j))
        link = link.before
    return found[::-1]
