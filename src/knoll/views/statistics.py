"""What the numbers of an array are like: their range, their mean, how many of them are no numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from knoll.graph import Array

CHUNK = 1 << 18  # elements that are looked at together, so that no array is copied


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the finite numbers of an array the lowest, the highest and the mean; NaN where there are none."""

    low: float = math.nan
    high: float = math.nan
    mean: float = math.nan
    nans: int = 0
    infinities: int = 0


def statistics(array: Array) -> Statistics:
    """The statistics of an array, read once in small pieces.

    >>> statistics(np.array([1.0, 3.0, np.nan, -np.inf]))
    Statistics(low=1.0, high=3.0, mean=2.0, nans=1, infinities=1)
    """
    low, high, total, seen, nans, infinities = math.inf, -math.inf, 0.0, 0, 0, 0
    for numbers in _pieces(array):
        missing = int(np.count_nonzero(np.isnan(numbers)))
        finite = numbers[np.isfinite(numbers)] if missing or not np.isfinite(numbers).all() else numbers
        nans, infinities = nans + missing, infinities + numbers.size - finite.size - missing
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
            total, seen = total + float(finite.sum(dtype=np.float64)), seen + finite.size
    if not seen:
        return Statistics(nans=nans, infinities=infinities)
    return Statistics(low, high, total / seen, nans, infinities)


def _pieces(array: Array) -> Iterator[Array]:
    flags = ["external_loop", "buffered", "zerosize_ok"]
    with np.nditer(array, flags, [["readonly"]], order="K", buffersize=CHUNK) as pieces:  # type: ignore[call-overload]  # lists
        for piece in pieces:
            yield piece.astype(np.uint8) if piece.dtype.kind == "b" else piece
