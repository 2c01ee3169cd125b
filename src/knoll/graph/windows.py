"""The one place that knows how windows slide.

Convolution and pooling agree on everything here: a window of `kernel` taps, `dilation` apart, moves by `stride` over an
axis that `padding` has made longer at both ends. Adaptive pooling shares an axis out instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import NamedTuple

import numpy as np

from knoll.graph.memory import check
from knoll.graph.spec import Array


class Reach(NamedTuple):
    """What the results along an axis see, as a formula: result j sees `extent` elements from start + j · stride on.

    Each number is to be divided by `per`, which is 1 unless the axis is enlarged: then a result sees no more than the
    whole part of the extent. Padding counts as elements.
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
        """From the first tap to the last, both counted."""
        return self.dilation * (self.kernel - 1) + 1

    def positions(self, size: int) -> int:
        """How many windows fit an axis of `size` elements (zero or less: none).

        With `ceil` one more window may hang over the end, if it starts inside the axis or the padding before it.
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
        """Whether every window has a tap on an axis of `size` elements: one with dilation may step over it.

        >>> Window(kernel=2, before=1, after=1, dilation=2).meets(3), Window(2, before=1, after=1, dilation=2).meets(1)
        (True, False)
        """
        seen = self.seen(size)
        return seen.shape[1] > 0 and bool((seen[:, 0] >= 0).all())

    @property
    def is_tiling(self) -> bool:
        """Whether windows stand side by side: no overlap, no gap, no padding."""
        return self.stride == self.kernel and self.dilation == 1 and self.before == 0 and self.after == 0

    def seen(self, size: int) -> Array:
        """Which elements of an axis each window sees, in order: (windows, most that one sees), filled up with −1.

        >>> Window(kernel=3, stride=2, before=1, after=1).seen(4)
        array([[ 0,  1, -1],
               [ 1,  2,  3]])
        """
        start = np.arange(self.positions(size)) * self.stride - self.before
        first = np.minimum(-(np.minimum(start, 0) // self.dilation), self.kernel)
        last = np.minimum(-((np.minimum(start, size) - size) // self.dilation), self.kernel)
        return _listed(start + first * self.dilation, last - first, self.dilation)

    def reach(self, size: int) -> Reach:  # noqa: ARG002 (the same for any)
        """From the first tap to the last; `stride` further for the next window.

        >>> Window(kernel=3, stride=2, before=1, after=1).reach(4)
        Reach(extent=3, stride=2, start=-1, per=1)
        """
        return Reach(self.span, self.stride, -self.before)


@dataclass(frozen=True)
class AdaptiveWindow:
    """An axis of `size` elements, shared out among `count` windows as evenly as whole elements allow.

    Window i begins at ⌊i · size / count⌋ and ends before ⌈(i + 1) · size / count⌉, so that neighbours may overlap.
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
        """How many elements the widest window sees: beside the whole share a broken element at one end, or at both."""
        whole, rest = divmod(self.size, self.count)
        return whole + (rest > 0) + (rest > gcd(rest, self.count))

    @property
    def dilation(self) -> int:
        """Elements from one that a window sees to the next."""
        return 1

    @property
    def is_even(self) -> bool:
        """Whether all windows are equally wide and stand side by side."""
        return self.count > 0 and self.size % self.count == 0

    def seen(self) -> Array:
        """Which elements each window sees, in order: (windows, most that one sees), filled up with −1."""
        return _listed(self.starts(), self.stops() - self.starts(), 1)


def _listed(first: Array, counts: Array, step: int) -> Array:
    """In each row `counts` numbers from `first` on, `step` apart; −1 after them."""
    most = max(int(counts.max(initial=0)), 0)
    check((len(first), most), first.dtype)
    place = np.arange(most)
    return np.where(place < counts[:, None], first[:, None] + place * step, -1)


AnyWindow = Window | AdaptiveWindow
