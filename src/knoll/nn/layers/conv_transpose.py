"""The layer of transposed convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError
from knoll.graph.shapes import size_name
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.layers.conv import Convolution, N, check_groups
from knoll.nn.sizes import Size, check_slide, integer, integers, pair
from knoll.tensor import Tensor
from knoll.tensor.arguments import items, tensor
from knoll.tensor.device import Device

__all__ = ["ConvTranspose2d"]


class TransposedConvolution(Convolution[N]):
    """What transposed convolutions along any axes have in common: the padding that gives a wanted output."""

    padding: N

    def _output_padding(
        self,
        input: Tensor,
        output_size: Sequence[int] | None,
        stride: N,
        padding: N,
        kernel_size: N,
        num_spatial_dims: int,
        dilation: N | None = None,
    ) -> N:
        """The output padding that gives the wanted sizes, or that of the layer where none are wanted."""
        if output_size is None:
            return self.output_padding
        x, axes = input, num_spatial_dims
        function = f"conv_transpose{axes}d"
        wanted = integers(items(output_size, function, "output_size"), "output_size", function)
        size = wanted[-axes:] if len(wanted) == x.ndim else wanted
        if len(size) != axes:
            raise ArgumentError(
                f"ConvTranspose{axes}D: for {x.ndim}D input, output_size must have {axes} or {x.ndim} elements "
                f"(got {len(wanted)})",
                got=f"output_size={tuple(wanted)}",
            )
        least = [
            (n - 1) * s - 2 * p + d * (r - 1) + 1
            for n, s, p, d, r in zip(
                x.shape[-axes:], stride, padding, dilation or (1,) * axes, kernel_size, strict=True
            )
        ]
        most = [low + s - 1 for low, s in zip(least, stride, strict=True)]
        if any(not low <= n <= high for low, n, high in zip(least, size, most, strict=True)):
            raise ArgumentError(
                f"requested an output size of {tuple(size)}, but valid sizes range from {least} to {most} "
                f"(for an input of {size_name(x.shape[-axes:])})",
                advice=say("nn.output_size_range"),
            )
        return cast("N", tuple(n - low for n, low in zip(size, least, strict=True)))


class ConvTranspose2d(TransposedConvolution[Pair]):
    """2-D transposed convolution over images of shape (n, c, h, w): each pixel adds a weighted window to the output.

    It is the gradient of `Conv2d` with the same arguments with respect to its input: it enlarges images where that one
    shrinks them. It does not undo a convolution.

    Shapes: (n, c, h, w) → (n, k, rows, columns), or the same without n; c is `in_channels`, k is `out_channels` and
    rows = (h − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1; columns likewise. `weight` is
    (c, k / groups, r, s) for a window of r × s, `bias` is (k,); both begin uniform within ±1 / √(k / groups · r · s).

    - `in_channels`, `out_channels`: channels of the input and of the output.
    - `kernel_size`: the window in pixels: one number for both, or (rows, columns).
    - `stride`: pixels between neighbouring windows in the output, likewise; 2 doubles rows and columns.
    - `padding`: pixels cut from each side of the output, likewise; 0 cuts none.
    - `output_padding`: pixels added to the output below and right, likewise, since a `Conv2d` with a stride maps
      several sizes to one. Less than `stride` or `dilation`. The call takes `output_size` instead, and works this out.
    - `groups`: the channels are split into so many groups, each convolved by itself; both numbers are multiples of it.
    - `bias`: whether a number is added to each output channel.
    - `dilation`: pixels between neighbouring elements of the window, likewise. 1 leaves no gaps.
    - `padding_mode`: only "zeros".
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.ConvTranspose2d(16, 8, 2, stride=2)
    >>> layer
    ConvTranspose2d(16, 8, kernel_size=(2, 2), stride=(2, 2))
    >>> layer.weight.shape
    (16, 8, 2, 2)
    >>> layer(knoll.ones(1, 16, 12, 12)).shape
    (1, 8, 24, 24)
    """

    padding: Pair

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        padding_mode: str = "zeros",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        if not isinstance(padding_mode, str) or padding_mode != "zeros":
            raise ArgumentError(
                'Only "zeros" padding mode is supported for ConvTranspose2d', got=f"padding_mode={padding_mode!r}"
            )
        self.kernel_size: Pair = pair(kernel_size, "kernel_size", "conv_transpose2d")
        self.stride: Pair = pair(stride, "stride", "conv_transpose2d")
        self.padding = pair(padding, "padding", "conv_transpose2d")
        self.dilation: Pair = pair(dilation, "dilation", "conv_transpose2d")
        self.output_padding: Pair = pair(output_padding, "output_padding", "conv_transpose2d")
        self.in_channels: int = integer(in_channels, "in_channels", 1, "conv_transpose2d")
        self.out_channels: int = integer(out_channels, "out_channels", 1, "conv_transpose2d")
        self.groups = groups
        self.padding_mode = padding_mode
        check_groups(self.in_channels, self.out_channels, groups)
        check_slide(self.stride, self.padding, self.dilation)
        shape = (self.in_channels, self.out_channels // groups, *self.kernel_size)
        self._make_parameters(shape, bias, device, dtype)

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """The convolved images; `output_size` chooses among the sizes that `Conv2d` maps to that of the input."""
        input = tensor(input, "conv_transpose2d")
        more = self._output_padding(input, output_size, self.stride, self.padding, self.kernel_size, 2, self.dilation)
        return F.conv_transpose2d(
            input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation
        )
