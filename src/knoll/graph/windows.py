"""The one place that knows how windows slide.

Convolution and pooling agree on everything here: a window of `kernel` taps, `dilation` apart, moves by `stride` over an
axis that `padding` has made longer at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass


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
        taps = range(0, self.span, self.dilation)
        starts = map(self.start, range(self.positions(size)))
        return all(any(0 <= start + tap < size for tap in taps) for start in starts)

    @property
    def is_tiling(self) -> bool:
        """Whether windows stand side by side: no overlap, no gap, no padding."""
        return self.stride == self.kernel and self.dilation == 1 and self.before == 0 and self.after == 0
