"""Pooling layers."""

from __future__ import annotations

from typing import Any

from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.nn.module import Module
from knoll.nn.sizes import pair
from knoll.ops.max_pool2d import check
from knoll.tensor import Tensor


class MaxPool2d(Module):
    """Keeps the largest value of each window.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n, where
    rows = (h + 2·padding − dilation·(kernel_size − 1) − 1) / stride + 1, rounded down, or up with `ceil_mode` as long
    as the last window still begins inside the image or the padding before it; columns likewise.

    - `kernel_size`, `padding`, `dilation`: a number, or (rows, columns); `stride` likewise, `kernel_size` unless given.
    - `return_indices`: give also where each value stood, as int64, counted along the rows of the image.

    Padding never wins. Wrong arguments are refused here: ArgumentError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html

    >>> import numpy as np
    >>> layer = MaxPool2d(2)
    >>> layer
    MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(np.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[ 5.,  7.],
              [13., 15.]]]], dtype=float64)
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode
        names = ("kernel_size", "stride", "padding", "dilation")
        check(*(pair(getattr(self, name), name, "max_pool2d") for name in names))

    def forward(self, input: Tensor) -> Any:  # noqa: A002 (PyTorch's name)
        """The largest values, and where they stood if `return_indices`."""
        return F.max_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )

    def extra_repr(self) -> str:
        """The arguments; `return_indices` is never printed."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )
