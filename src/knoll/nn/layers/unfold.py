"""Unfold and fold as layers: windows in columns, and columns added up to images again."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.unfold import sliding, unfold_pair
from knoll.nn.module import Module
from knoll.nn.sizes import Size
from knoll.tensor import Tensor

__all__ = ["Fold", "Unfold"]


class Unfold(Module):
    """Unfold: the windows of images (n, c, h, w) in columns. A matrix times that is a convolution.

    Shapes: (n, c, h, w) → (n, c · r · s, windows) for a window of r × s, or the same without n; windows are counted row
    by row, as many as a convolution with these arguments has outputs.

    - `kernel_size`: the window in pixels: one number for both, or (rows, columns).
    - `dilation`: pixels between neighbouring elements of the window, likewise. 1 leaves no gaps.
    - `padding`: zeros added on each side, likewise.
    - `stride`: pixels between neighbouring windows, likewise.

    Raises ArgumentError, ArgumentTypeError; ShapeError, DimensionError, UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.Unfold((2, 3))(knoll.ones(2, 5, 3, 4)).shape
    (2, 30, 4)
    """

    kernel_size: Size
    dilation: Size
    padding: Size
    stride: Size

    def __init__(self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1) -> None:
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride
        sliding("im2col", kernel_size, stride, padding, dilation)

    def forward(self, input: Tensor) -> Tensor:
        """The windows in columns."""
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """Fold: columns added up to images, each to the window that it stands for: the gradient of `Unfold`.

    Where windows overlap, their numbers add up, so it does not undo an `Unfold`.

    Shapes: (n, c · r · s, windows) → (n, c, rows, columns) for a window of r × s, or the same without n.

    - `output_size`: (rows, columns), or one number for both.
    - `kernel_size`, `dilation`, `padding`, `stride`: those of the `Unfold`.

    Raises ArgumentError, ArgumentTypeError; ShapeError, UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Fold.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.Fold((3, 4), (2, 3))(knoll.ones(2, 30, 4)).shape
    (2, 5, 3, 4)
    """

    output_size: Size
    kernel_size: Size
    dilation: Size
    padding: Size
    stride: Size

    def __init__(
        self, output_size: Size, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride
        unfold_pair(output_size, "output_size", "col2im")
        sliding("col2im", kernel_size, stride, padding, dilation)

    def forward(self, input: Tensor) -> Tensor:
        """The images."""
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )
