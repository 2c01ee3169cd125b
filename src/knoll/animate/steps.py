"""Which numbers of an output have a frame, and in which order they are filled in."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from knoll.analysis.cell import Index
from knoll.graph import Array, Shape

MOST = 64  # frames of an animation


def steps(shape: Shape, channels: int | None = None) -> list[Index]:
    """The numbers of the first sample (of rows of numbers all), in reading order: as many whole channels as fit.

    Of a channel with more numbers than there are frames the first ones, and the last.
    """
    first = shape if len(shape) < 3 else (1, *shape[1:])
    inner = prod(first[-2:])
    fit = max(1, min(MOST // max(inner, 1), channels or MOST))
    grids = [(*key, *at) for key in np.ndindex(first[:-2]) for at in np.ndindex(first[-2:])][: fit * inner]
    return grids if len(grids) <= MOST else [*grids[: MOST - 1], grids[-1]]


def filling(shape: Shape, channels: int | None = None) -> Iterator[tuple[Index, Array]]:
    """Each of these numbers, with a mask of what is known by then; in the end all."""
    known, chosen = np.zeros(shape, np.bool_), steps(shape, channels)
    for index in chosen:
        known[index] = True
        if index == chosen[-1]:
            known[...] = True
        yield index, known.copy()
