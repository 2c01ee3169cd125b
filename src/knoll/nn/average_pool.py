"""Average pooling layers."""

from __future__ import annotations

from typing import Any

from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.nn.functional.average_pool import check_divisor, sliding
from knoll.nn.module import Module
from knoll.nn.sizes import adaptive_size
from knoll.tensor import Tensor

__all__ = ["AdaptiveAvgPool2d", "AvgPool2d"]


class AvgPool2d(Module):
    """The mean of each window.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n, where
    rows = (h + 2·padding − kernel_size) / stride + 1, rounded down, or up with `ceil_mode` as long as the last window
    still begins inside the image or the padding before it; columns likewise.

    - `kernel_size`, `padding`: a number, or (rows, columns); `stride` likewise, `kernel_size` unless given.
    - `count_include_pad`: whether padding counts as zeros, or not at all. What hangs over it never counts.
    - `divisor_override`: what sums are divided by instead of the number of elements.

    Wrong arguments are refused here: ArgumentError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html

    >>> import numpy as np
    >>> layer = AvgPool2d(2)
    >>> layer
    AvgPool2d(kernel_size=2, stride=2, padding=0)
    >>> layer(np.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]], dtype=float64)
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
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

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The means."""
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
    """The mean of each of as many windows as asked for, whatever the size of the images.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n. Window i of the rows begins at ⌊i·h/rows⌋ and
    ends before ⌈(i+1)·h/rows⌉, so that windows may overlap; columns likewise.

    - `output_size`: (rows, columns), or one number for both; None for as many as the images have.

    Wrong arguments are refused here: ArgumentError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html

    >>> import numpy as np
    >>> AdaptiveAvgPool2d((7, None))(np.ones((1, 64, 10, 9))).shape
    (1, 64, 7, 9)
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size
        adaptive_size(output_size, "adaptive_avg_pool2d")

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The means."""
        return F.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"
