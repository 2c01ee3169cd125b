"""The taps of a convolution's window: where each reads the source."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import Pair


@dataclass(frozen=True)
class Taps:
    """The taps of a window along both axes.

    `start` is the first source element of output (0, 0), `stride` how far the window moves from one output to the next;
    it has `count` taps, `dilation` elements apart.
    """

    start: Pair
    stride: Pair
    count: Pair
    dilation: Pair
