"""Which numbers of an output have a frame, and in which order they are filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.draw.number_grid import Region
from knoll.graph import Array, Shape

MOST = 64  # frames of an animation
OUTPUTS = 2  # channels of an output that have frames


def steps(shape: Shape, channels: Sequence[int] | None = None, region: Region | None = None) -> list[Index]:
    """The numbers of the first sample (of rows of numbers all), in reading order: as many whole channels as fit.

    Of a channel with more numbers than there are frames the first ones, and the last. `channels` are the only ones that
    have frames, all of them; `region` are their rows and columns.
    """
    first = shape if len(shape) < 3 else (1, *shape[1:])
    inner = [*product(*(region if region is not None else [range(size) for size in first[-2:]]))]
    if channels:
        return [(0, channel, *at) for channel in channels for at in _first_ones(inner, MOST // len(channels))]
    keys = islice(np.ndindex(first[:-2]), max(1, MOST // max(len(inner), 1)))
    return _first_ones([(*key, *at) for key in keys for at in inner], MOST)


def _first_ones(places: list[Index], most: int) -> list[Index]:
    """All places, or of more the first ones and the last."""
    return places if len(places) <= most else [*places[: most - 1], places[-1]]


def filled(cells: Cells) -> list[int]:
    """The channels of an output that have frames: the first ones, of groups the first one of each."""
    total, groups = cells.output.spec.shape[1], getattr(cells.layer, "groups", 1)
    return [*range(0, total, total // groups if groups > 1 else 1)][:OUTPUTS]


def filling(
    shape: Shape, channels: Sequence[int] | None = None, region: Region | None = None
) -> Iterator[tuple[Index, Array]]:
    """Each of these numbers, with a mask of what is known by then: in the end all.

    Of each of the named `channels` all is known with its own last frame.
    """
    known, chosen = np.zeros(shape, np.bool_), steps(shape, channels, region)
    ends = {index[:2]: index for index in chosen} if channels else {}
    for index in chosen:
        known[index] = True
        if ends.get(index[:2]) == index:
            known[index[:2]] = True
        if index == chosen[-1]:
            known[...] = True
        yield index, known.copy()
