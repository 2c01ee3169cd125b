"""The taps of a convolution's window: where each reads the source."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import Pair
from knoll.kernels.tile.row_parts import RowWindow


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

    def under_rows(self, pooled: int = 1) -> RowWindow:
        """The rows of the source under a row of outputs, or under `pooled` of them."""
        stride, reach = self.stride[0], (self.count[0] - 1) * self.dilation[0] + 1
        return RowWindow(stride * pooled, self.start[0], (pooled - 1) * stride + reach)
