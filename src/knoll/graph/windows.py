"""Sliding windows: kernel size, stride, padding, dilation and `ceil_mode`, for convolution and pooling alike.

A window has `kernel` taps, `dilation` apart, and moves by `stride` over an axis that is padded at both ends. Adaptive
pooling divides an axis among a given number of windows instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import NamedTuple

import numpy as np

from knoll.graph.memory_limit import check
from knoll.graph.spec import Array


class Reach(NamedTuple):
    """The receptive field along an axis, as a formula: result j reads `extent` elements from start + j · stride on.

    Each number is divided by `per`, which is 1 unless the axis is upsampled; the extent is then rounded down. Padding
    counts as elements.
    Source: Araujo et al., Computing receptive fields of convolutional neural networks, 2019,
    https://distill.pub/2019/computing-receptive-fields/
    """

    extent: int
    stride: int
    start: int
    per: int = 1


@dataclass(frozen=True)
class Window:
    """How a window slides along one axis, in elements.

    >>> Window(kernel=5, before=2, after=2).positions(32)
    32
    >>> Window(kernel=3, stride=3).positions(5), Window(kernel=3, stride=3, ceil=True).positions(5)
    (1, 2)
    """

    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1
    ceil: bool = False

    @property
    def span(self) -> int:
        """Elements from the first tap to the last, both included."""
        return self.dilation * (self.kernel - 1) + 1

    def positions(self, size: int) -> int:
        """The output size for an axis of `size` elements (zero or less: no window fits).

        With `ceil` (`ceil_mode`) one more window may reach beyond the end, if it starts inside the axis or the padding
        before it.
        Source: PyTorch, `pooling_output_shape` in `aten/src/ATen/native/Pool.h`.
        """
        room = size + self.before + self.after - self.span
        count = (room + (self.stride - 1 if self.ceil else 0)) // self.stride + 1
        if self.ceil and (count - 1) * self.stride >= size + self.before:
            count -= 1
        return count

    def start(self, position: int) -> int:
        """Where the window at `position` begins on the unpadded axis; negative inside the padding."""
        return position * self.stride - self.before

    def meets(self, size: int) -> bool:
        """Whether every window has a tap on an axis of `size` elements; with dilation, taps may all be outside it.

        >>> Window(kernel=2, before=1, after=1, dilation=2).meets(3), Window(2, before=1, after=1, dilation=2).meets(1)
        (True, False)
        """
        seen = self.seen(size)
        return seen.shape[1] > 0 and bool((seen[:, 0] >= 0).all())

    @property
    def is_tiling(self) -> bool:
        """Whether windows are adjacent: no overlap, no gap, no padding."""
        return self.stride == self.kernel and self.dilation == 1 and self.before == 0 and self.after == 0

    def seen(self, size: int) -> Array:
        """The elements of an axis that each window reads, in order: (windows, most that one reads), padded with −1.

        >>> Window(kernel=3, stride=2, before=1, after=1).seen(4)
        array([[ 0,  1, -1],
               [ 1,  2,  3]])
        """
        start, first, last = self._inside(size)
        return _listed(start + first * self.dilation, last - first, self.dilation)

    def count_seen(self, size: int) -> int:
        """How many elements all windows read together, one that several read counted again.

        >>> Window(kernel=3, stride=2, before=1, after=1).count_seen(4)
        5
        """
        _, first, last = self._inside(size)
        return int(np.maximum(last - first, 0).sum())

    def _inside(self, size: int) -> tuple[Array, Array, Array]:
        """Where each window begins, and its first tap on an axis of `size` elements and the first behind it."""
        start = np.arange(self.positions(size)) * self.stride - self.before
        first = np.minimum(-(np.minimum(start, 0) // self.dilation), self.kernel)
        last = np.minimum(-((np.minimum(start, size) - size) // self.dilation), self.kernel)
        return start, first, last

    def reach(self, size: int) -> Reach:  # noqa: ARG002 (the same for any)
        """The receptive field of one window: its span, from `before` elements before the axis on.

        >>> Window(kernel=3, stride=2, before=1, after=1).reach(4)
        Reach(extent=3, stride=2, start=-1, per=1)
        """
        return Reach(self.span, self.stride, -self.before)


@dataclass(frozen=True)
class AdaptiveWindow:
    """An axis of `size` elements, divided among `count` windows as evenly as possible.

    Window i begins at ⌊i · size / count⌋ and ends before ⌈(i + 1) · size / count⌉, so neighbours may overlap.
    Source: PyTorch, `start_index` and `end_index` in `aten/src/ATen/native/AdaptivePooling.h`.

    >>> AdaptiveWindow(size=5, count=3).seen()
    array([[ 0,  1, -1],
           [ 1,  2,  3],
           [ 3,  4, -1]])
    """

    size: int
    count: int

    def starts(self) -> Array:
        """The first element of each window."""
        starts: Array = np.arange(self.count) * self.size // max(self.count, 1)
        return starts

    def stops(self) -> Array:
        """The first element after each window."""
        stops: Array = -(-np.arange(1, self.count + 1) * self.size // max(self.count, 1))
        return stops

    @property
    def kernel(self) -> int:
        """Elements of the widest window: ⌊size / count⌋, and one more for each end that is no whole element."""
        whole, rest = divmod(self.size, self.count)
        return whole + (rest > 0) + (rest > gcd(rest, self.count))

    @property
    def dilation(self) -> int:
        """Distance between neighbouring taps, as of `Window`."""
        return 1

    @property
    def is_even(self) -> bool:
        """Whether all windows are equally wide and adjacent."""
        return self.count > 0 and self.size % self.count == 0

    def seen(self) -> Array:
        """The elements that each window reads, in order: (windows, most that one reads), padded with −1."""
        return _listed(self.starts(), self.stops() - self.starts(), 1)


def _listed(first: Array, counts: Array, step: int) -> Array:
    """Rows of `counts` numbers each, from `first` on, `step` apart, padded with −1."""
    most = max(int(counts.max(initial=0)), 0)
    check((len(first), most), first.dtype)
    place = np.arange(most)
    return np.where(place < counts[:, None], first[:, None] + place * step, -1)


AnyWindow = Window | AdaptiveWindow
