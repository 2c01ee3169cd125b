"""The part of a window that meets pixels: taps that meet nothing but padding are left out.

A window of 3×3 with a padding of 1 meets images of one pixel with its middle alone: eight of nine products would be
with zeros. The deep layers of networks for 224×224 are such where they are given images of 32×32.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from knoll.graph import Node, Spec
from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.layout.layout import Halo
from knoll.plan.strided_view import strides_of

Shape4: TypeAlias = tuple[int, ...]  # (k, c / groups, r, s)


@dataclass(frozen=True)
class ClippedWindow:
    """Weights (k, c / groups, r, s), and those of their taps that meet pixels: from tap `first` on."""

    weights: Shape4
    first: Pair
    taps: Taps

    @classmethod
    def of(cls, node: Node, x: Spec, weights: Shape4, y: Spec) -> ClippedWindow:
        """The window of a convolution of x (n, c, h, w) to y (n, k, rows, columns)."""
        every = taps_of(node, weights)
        axes = zip(every.start, every.stride, every.count, every.dilation, x.shape[2:], y.shape[2:], strict=True)
        rows, columns = (
            clipped(count, size, [range(start, start + stride * outputs, stride)], dilation)
            for start, stride, count, dilation, size, outputs in axes
        )
        first, (down, right) = (rows.start, columns.start), every.dilation
        start = every.start[0] + first[0] * down, every.start[1] + first[1] * right
        return cls(weights, first, Taps(start, every.stride, (len(rows), len(columns)), every.dilation))

    @property
    def is_whole(self) -> bool:
        """Whether all taps meet pixels."""
        return self.taps.count == self.weights[2:]

    @property
    def strides(self) -> Shape4:
        """Those of the weights."""
        return strides_of(self.weights)

    @property
    def offset(self) -> int:
        """Where the first tap stands among the weights."""
        return self.first[0] * self.strides[2] + self.first[1] * self.strides[3]

    def halo(self, padding: Sequence[Pair], x: Spec, y: Spec) -> Halo:
        """The halo of x that the taps read: along axes whose taps all meet pixels as wide as the padding."""
        above, beside = (
            (before, max(after, 0)) if count == every else (max(0, -start), max(0, last - size))
            for (before, after), count, every, start, last, size in zip(
                padding, self.taps.count, self.weights[2:], self.taps.start, self._ends(y), x.shape[2:], strict=True
            )
        )
        return above, beside

    def _ends(self, y: Spec) -> Pair:
        """The end of what the taps of all outputs read, along each axis."""
        taps = self.taps
        axes = zip(taps.start, taps.stride, taps.count, taps.dilation, y.shape[2:], strict=True)
        rows, columns = (
            start + (outputs - 1) * stride + (count - 1) * dilation + 1
            for start, stride, count, dilation, outputs in axes
        )
        return rows, columns


def taps_of(node: Node, weights: Shape4) -> Taps:
    """All taps of a convolution with weights of this shape."""
    (above, left), (_, _, r, s) = (sides[0] for sides in node.attributes["padding"]), weights
    return Taps((-above, -left), node.attributes["stride"], (r, s), node.attributes["dilation"])


def clipped(count: int, size: int, reads: Iterable[range], dilation: int) -> range:
    """The taps from the first to the last of `count` that meet one of the `size` pixels of an axis; all if none does.

    `reads` are the places that tap 0 reads, `dilation` how much further on the next tap reads.

    >>> clipped(3, 1, [range(-1, 0)], 1)
    range(1, 2)
    """
    meet = [tap for tap in range(count) if any(_meets_pixel(places, tap * dilation, size) for places in reads)]
    return range(meet[0], meet[-1] + 1) if meet else range(count)


def _meets_pixel(places: range, further: int, size: int) -> bool:
    """Whether one of the places, so much further on, is one of the pixels."""
    first = max(0, ceil_div(-(places.start + further), places.step))
    return first < len(places) and places[first] + further < size
