"""Linear maps along one axis: average pooling, nearest and linear interpolation, padding, and their transposes.

A map is independent of the size of the axis. Its sparse table for a size is cached.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import Any, ClassVar

import numpy as np

from knoll.graph import AdaptiveWindow, Array, Reach, Window
from knoll.graph.memory_limit import check
from knoll.graph.spec import DType
from knoll.ops.resample.tables import Table

PADDINGS = ("constant", "reflect", "replicate", "circular", "symmetric")
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
TABLE_WORDS = 4  # 64-bit words per result that building a table takes at least


@dataclass(frozen=True)
class Axis(ABC):
    """A linear map along an axis. One that `copies` has at most one element of weight 1 for each result."""

    copies: ClassVar[bool] = False

    @abstractmethod
    def positions(self, size: int) -> int:
        """The number of results for an axis of `size` elements."""

    @abstractmethod
    def make_table(self, size: int, dtype: DType) -> Table:
        """The sparse table for an axis of `size` elements, with weights in the precision of `dtype`."""

    def table(self, size: int, dtype: DType = FLOAT32) -> Table:
        """`make_table`, cached. Raises OutOfMemoryError."""
        check((TABLE_WORDS, max(size, self.positions(size))), np.dtype(np.int64))
        return _made_table(self, size, dtype)

    def back(self, size: int) -> Axis:
        """The transposed map, which is the gradient, to an axis of `size` elements."""
        return TransposedMap(self, size)

    def seen(self, size: int) -> Array:
        """The elements that each result sums, in order: (results, most that one sums), padded with −1.

        >>> Linear(3).seen(2)
        array([[ 0, -1],
               [ 0,  1],
               [ 1, -1]])
        """
        table = self.table(size, FLOAT64)  # single precision gives some neighbours a weight that is a rounding error
        listed = np.full((table.results, table.most), -1)
        result = np.repeat(np.arange(table.results), table.counts)
        listed[result, np.arange(table.taps) - table.starts[result]] = table.places
        return listed

    def pace(self, size: int) -> tuple[int, int]:
        """The ratio of elements to results, as a pair."""
        return size, max(self.positions(size), 1)

    def reach(self, size: int) -> Reach:
        """The smallest receptive field that moves by `pace` and covers what every result reads.

        >>> Nearest(4).reach(2)
        Reach(extent=3, stride=1, start=-1, per=2)
        """
        moved, per = (number // gcd(*self.pace(size)) for number in self.pace(size))
        rows = self.seen(size)
        rows = rows[(rows >= 0).any(axis=1)]
        behind = np.arange(len(rows)) * moved
        lows, highs = np.where(rows < 0, size, rows).min(axis=1, initial=size), rows.max(axis=1, initial=-1)
        start = int((lows * per - behind).min()) if len(rows) else 0
        stop = int((highs * per - behind).max()) if len(rows) else 0
        return Reach(stop - start + per, moved, start, per)


@lru_cache(maxsize=1024)
def _made_table(axis: Axis, size: int, dtype: DType) -> Table:
    return axis.make_table(size, dtype)


@dataclass(frozen=True)
class TransposedMap(Axis):
    """The transpose of another map, `original`, which read `size` elements."""

    original: Axis
    size: int

    def positions(self, size: int) -> int:  # noqa: ARG002 (it is known)
        """The size of the axis that the map read."""
        return self.size

    def make_table(self, size: int, dtype: DType) -> Table:  # noqa: ARG002 (it is known)
        """The transposed table."""
        return self.original.table(self.size, dtype).transposed()

    def back(self, size: int) -> Axis:  # noqa: ARG002 (it is known)
        """The transpose of the transpose: the map itself."""
        return self.original


@dataclass(frozen=True)
class Average(Axis):
    """The mean of each window; padding counts as zeros, or not at all.

    `divisor` replaces the number of elements in a window.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html

    >>> Average(Window(2, 2)).table(4)
    Table(size=4, places=((0, 1), (2, 3)), divisors=(2.0, 2.0))
    """

    window: Window
    counts_padding: bool = True
    divisor: int | None = None

    def positions(self, size: int) -> int:
        """As windows fit."""
        return self.window.positions(size)

    def reach(self, size: int) -> Reach:
        """The receptive field of the window."""
        return self.window.reach(size)

    def make_table(self, size: int, dtype: DType) -> Table:  # noqa: ARG002 (whole numbers)
        """The elements of each window; with `ceil_mode`, what is beyond the padding is not counted."""
        starts = np.arange(max(self.positions(size), 0)) * self.window.stride - self.window.before
        stops = np.minimum(starts + self.window.kernel, size + self.window.after)
        firsts, ends = starts.clip(0, size), stops.clip(0, size)
        counts = stops - starts if self.counts_padding else np.maximum(ends - firsts, 0)
        divisors = counts if self.divisor is None else np.full(len(starts), self.divisor)
        return Table.neighbours(size, firsts, ends, divisors.astype(np.float64))


@dataclass(frozen=True)
class Adaptive(Axis):
    """`size` means, of parts of the axis that are as equal as possible and may overlap.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html

    >>> Adaptive(3).table(7)
    Table(size=7, places=((0, 1, 2), (2, 3, 4), (4, 5, 6)), divisors=(3.0, 3.0, 3.0))
    """

    size: int

    def positions(self, size: int) -> int:  # noqa: ARG002 (it is given)
        """As many as wanted."""
        return self.size

    def make_table(self, size: int, dtype: DType) -> Table:  # noqa: ARG002 (whole numbers)
        """From the element where a part begins to the one where it ends."""
        firsts, stops = AdaptiveWindow(size, self.size).starts(), AdaptiveWindow(size, self.size).stops()
        return Table.neighbours(size, firsts, stops, (stops - firsts).astype(np.float64))


@dataclass(frozen=True)
class Resized(Axis):
    """An axis that becomes `size` elements long; `scale` is how many times as long, if the sizes do not say it."""

    size: int
    scale: float | None = None

    def positions(self, size: int) -> int:  # noqa: ARG002 (it is given)
        """As many as wanted."""
        return self.size

    def pace(self, size: int) -> tuple[int, int]:
        """By the scale that was given, or by the sizes."""
        scale = self.scale or 0.0
        if scale <= 0 or round(size * scale) == self.size:
            return size, self.size
        results, elements = scale.as_integer_ratio()
        return elements, results

    def stretch(self, size: int, dtype: DType) -> Any:
        """How far apart the results lie among the elements, in this precision."""
        scale = self.scale or 0.0
        return dtype.type(1.0 / scale) if scale > 0 else dtype.type(size) / dtype.type(self.size)


@dataclass(frozen=True)
class Nearest(Resized):
    """The nearest element for each result; `exact` by the centres, else by the edges, of elements.

    Source: `nearest_neighbor_compute_source_index` in PyTorch's `aten/src/ATen/native/UpSample.h`.

    >>> Nearest(3).table(2).firsts, Nearest(3, exact=True).table(2).firsts
    (array([0, 0, 1]), array([0, 1, 1]))
    """

    exact: bool = False
    copies = True

    def make_table(self, size: int, dtype: DType) -> Table:  # noqa: ARG002 (single precision, whatever the elements)
        """Places rounded down, in single precision as PyTorch has it."""
        result = np.arange(self.size)
        if self.size in (size, 2 * size) and not self.exact:
            firsts = result * size // max(self.size, 1)
            return Table.neighbours(size, firsts, firsts + 1)
        place = (result + np.float32(0.5 if self.exact else 0)).astype(FLOAT32) * self.stretch(size, FLOAT32)
        firsts = np.floor(place).astype(np.int64).clip(0, size - 1)
        return Table.neighbours(size, firsts, firsts + 1)


@dataclass(frozen=True)
class Interpolated(Resized):
    """Results between the elements; `corners` puts the first and the last result on the first and the last element."""

    corners: bool = False

    def pace(self, size: int) -> tuple[int, int]:
        """By the scale that was given, or by the sizes; from the first result to the last with `corners`."""
        return (size - 1, max(self.size - 1, 1)) if self.corners else super().pace(size)


@dataclass(frozen=True)
class Linear(Interpolated):
    """The two neighbours of each result, weighted by how near they are.

    `corners` puts the first and the last result on the first and the last element; else the edges of the outermost
    elements stay where they are.
    Source: `area_pixel_compute_source_index` in PyTorch's `aten/src/ATen/native/UpSample.h`.

    >>> Linear(4).table(2).weights
    array([1.  , 0.75, 0.25, 0.25, 0.75, 1.  ])
    """

    def make_table(self, size: int, dtype: DType) -> Table:
        """Two places, or one where a result lies on it or beyond the edge."""
        at = self._ats(size, dtype)
        firsts = np.minimum(at.astype(np.int64), size - 1)
        second = at.astype(dtype) - firsts.astype(dtype)
        two = (firsts < size - 1) & (second != 0)
        weights = np.stack([np.where(two, dtype.type(1) - second, 1), second], axis=1).astype(np.float64)
        kept = np.stack([np.ones_like(two), two], axis=1)
        return Table(size, firsts, 1 + two, np.ones(len(firsts)), weights[kept] if two.any() else None)

    def _ats(self, size: int, dtype: DType) -> Array:
        """Where each result lies among the elements, rounded once as a fused multiply-add does."""
        result: Array = np.arange(self.size, dtype=np.float64)
        if self.size == size:
            return result
        if self.corners:
            result = result.astype(dtype) * (dtype.type(size - 1) / dtype.type(max(self.size - 1, 1)))
        else:
            result = ((result + 0.5) * np.float64(self.stretch(size, dtype)) - 0.5).astype(dtype).clip(0)
        return result


@dataclass(frozen=True)
class Padded(Axis):
    """Padding with zeros or copies of elements; negative numbers crop, and circular padding copies what is left.

    >>> [Padded(2, 1, mode).table(4).firsts.tolist() for mode in ("reflect", "circular")]
    [[2, 1, 0, 1, 2, 3, 2], [2, 3, 0, 1, 2, 3, 0]]
    >>> Padded(-1, 1, "constant").table(3)
    Table(size=3, places=((1,), (2,), ()), divisors=(1.0, 1.0, 1.0))
    """

    before: int
    after: int
    mode: str
    copies = True

    def positions(self, size: int) -> int:
        """As many more."""
        return size + self.before + self.after

    def reach(self, size: int) -> Reach:
        """Each its own element, counted from before the first."""
        return Window(1, before=self.before, after=self.after).reach(size)

    def make_table(self, size: int, dtype: DType) -> Table:  # noqa: ARG002 (copies)
        """The one element that each result copies, if any."""
        place = np.arange(-self.before, size + self.after)
        if self.mode == "replicate":
            place = place.clip(0, size - 1)
        elif self.mode == "circular":
            first, last = max(0, -self.before), size - max(0, -self.after)
            place = first + (place - first) % max(last - first, 1)
        elif self.mode == "reflect":
            place = size - 1 - abs(size - 1 - abs(place))
        elif self.mode == "symmetric":
            place = place % (2 * size)
            place = np.minimum(place, 2 * size - 1 - place)
        firsts = place.clip(0, size)
        return Table.neighbours(size, firsts, firsts + ((place >= 0) & (place < size)))


SAME = Padded(0, 0, "constant")
