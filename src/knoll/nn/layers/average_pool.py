"""Average pooling layers."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.average_pool import check_divisor, sliding
from knoll.nn.module import Module
from knoll.nn.sizes import AdaptiveSize, Size, adaptive_size
from knoll.tensor import Tensor

__all__ = ["AdaptiveAvgPool2d", "AvgPool2d"]


class AvgPool2d(Module):
    """2-D average pooling over images of shape (n, c, h, w): the mean of each window.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n, where
    rows = ⌊(h + 2·padding − kernel_size) / stride⌋ + 1; columns likewise.

    - `kernel_size`: the window in pixels: one number for both, or (rows, columns).
    - `stride`: pixels between neighbouring windows, likewise; None is `kernel_size`, so that windows do not overlap.
    - `padding`: pixels of zero added on each side, likewise; at most half a window.
    - `ceil_mode`: round up in place of down, so that the last window may hang over the edge as long as it begins inside
      the image or the padding before it. What hangs over the padding never counts.
    - `count_include_pad`: whether padding counts as elements of the mean.
    - `divisor_override`: what the sum of a window is divided by; None is the number of its elements.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called. Source: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.AvgPool2d(2)
    >>> layer
    AvgPool2d(kernel_size=2, stride=2, padding=0)
    >>> layer(knoll.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]])
    """

    stride: Size

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override
        sliding(kernel_size, stride, padding, ceil_mode)
        check_divisor(divisor_override)

    def forward(self, input: Tensor) -> Tensor:
        """The pooled images."""
        return F.avg_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        """The first three arguments, as PyTorch prints them."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """2-D adaptive average pooling: the means of as many windows as asked for, whatever the size of the images.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n. Window i of the rows begins at ⌊i·h/rows⌋ and
    ends before ⌈(i+1)·h/rows⌉, so that windows may overlap; columns likewise.

    - `output_size`: (rows, columns), or one number for both; None for as many as the images have. 1 is global average
      pooling: the mean of each channel.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.AdaptiveAvgPool2d((7, None))(knoll.ones(1, 64, 10, 9)).shape
    (1, 64, 7, 9)
    >>> nn.AdaptiveAvgPool2d(1)(knoll.arange(4.0).reshape(1, 2, 2))
    tensor([[[1.5000]]])
    """

    def __init__(self, output_size: AdaptiveSize) -> None:
        super().__init__()
        self.output_size = output_size
        adaptive_size(output_size, "adaptive_avg_pool2d")

    def forward(self, input: Tensor) -> Tensor:
        """The pooled images."""
        return F.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"
