"""Power-average pooling layers."""

from __future__ import annotations

from typing import Generic, TypeVar

from knoll.nn import functional as F
from knoll.nn.functional.lp_pool import norm_of
from knoll.nn.lengths import Length
from knoll.nn.module import Module
from knoll.nn.sizes import Size
from knoll.tensor import Tensor

__all__ = ["LPPool1d", "LPPool2d"]

S = TypeVar("S")


class _LPPool(Module, Generic[S]):
    """What both have: the power and the window."""

    norm_type: float
    kernel_size: S
    stride: S | None
    ceil_mode: bool

    def __init__(self, norm_type: float, kernel_size: S, stride: S | None = None, ceil_mode: bool = False) -> None:
        super().__init__()
        norm_of(norm_type, "lp_pool")
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        """The arguments, as PyTorch prints them."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool[Length]):
    """1-D power-average pooling over sequences of shape (n, c, l): (Σ x^p)^(1/p) of each window.

    p = 1 is the sum of a window, p = ∞ the largest absolute value.

    Shapes: (n, c, l) → (n, c, l_out), or the same without n, where l_out = ⌊(l − kernel_size) / stride⌋ + 1.

    - `norm_type`: the power p, any number but 0. Powers that are not whole give NaN for negative numbers.
    - `kernel_size`: how many elements the window has.
    - `stride`: elements between neighbouring windows; None is `kernel_size`, so that windows do not overlap.
    - `ceil_mode`: round up in place of down, so that the last window may hang over the end. As in PyTorch, the sum of
      such a window is scaled up to a full one.

    Where the sum is 0 the gradient is 0.
    Raises ArgumentError, ArgumentTypeError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.LPPool1d(2, 2)(knoll.tensor([[3.0, 4.0, 0.0, 1.0]]))
    tensor([[5., 1.]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """The pooled sequences."""
        return F.lp_pool1d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool2d(_LPPool[Size]):
    """2-D power-average pooling over images of shape (n, c, h, w): (Σ x^p)^(1/p) of each window.

    p = 1 is the sum of a window, p = ∞ the largest absolute value.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n, where
    rows = ⌊(h − kernel_size) / stride⌋ + 1; columns likewise.

    - `norm_type`: the power p, any number but 0. Powers that are not whole give NaN for negative numbers.
    - `kernel_size`: the window in pixels: one number for both, or (rows, columns).
    - `stride`: pixels between neighbouring windows, likewise; None is `kernel_size`, so that windows do not overlap.
    - `ceil_mode`: round up in place of down, so that the last window may hang over the edge. As in PyTorch, the sum of
      such a window is scaled up to a full one.

    Where the sum is 0 the gradient is 0.
    Raises ArgumentError, ArgumentTypeError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.LPPool2d(2, 2)(knoll.tensor([[[3.0, 0.0], [0.0, 4.0]]]))
    tensor([[[5.]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """The pooled images."""
        return F.lp_pool2d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)
