"""Convolution layers along one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.functional.conv1d import check_slide, padding_ends
from knoll.nn.layers.conv import Convolution, check_groups, check_padding_mode
from knoll.nn.layers.conv_transpose import TransposedConvolution
from knoll.nn.lengths import Length, Single, single
from knoll.nn.sizes import check_padding_word, integer
from knoll.tensor import Tensor
from knoll.tensor.arguments import tensor
from knoll.tensor.device import Device

__all__ = ["Conv1d", "ConvTranspose1d"]


class Conv1d(Convolution[Single]):
    """1-D convolution over sequences of shape (n, c, l): a window slides along them, each output is a weighted sum.

    It is a cross-correlation, as in every deep-learning library: the window is not flipped.

    Shapes: (n, c, l) → (n, k, l_out), or the same without n; c is `in_channels`, k is `out_channels` and
    l_out = ⌊(l + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1. `weight` is (k, c / groups, s) for a
    window of s elements, `bias` is (k,); both begin uniform within ±1 / √(c / groups · s).

    - `in_channels`, `out_channels`: channels of the input and of the output.
    - `kernel_size`: how many elements the window has.
    - `stride`: elements between neighbouring windows. 1 is every element; 2 halves the length.
    - `padding`: elements added at both ends; 0 adds none. "valid" is 0; "same" keeps the length, needs stride 1, and
      adds an odd element behind.
    - `dilation`: elements between neighbouring elements of the window. 1 leaves no gaps.
    - `groups`: the channels are split into so many groups, each convolved by itself; both numbers of channels are
      multiples of it.
    - `bias`: whether a number is added to each output channel.
    - `padding_mode`: what the added elements hold: "zeros"; "reflect" mirrors the sequence at its outermost element,
      "replicate" repeats that element, "circular" goes on with the other end; "symmetric", which PyTorch does not have,
      mirrors the sequence with its outermost element.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Arguments that can fit no sequence are refused by the constructor: ArgumentError, ArgumentTypeError; sequences that
    do not fit by the call: ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Conv1d(3, 8, 5, padding=2)
    >>> layer
    Conv1d(3, 8, kernel_size=(5,), stride=(1,), padding=(2,))
    >>> layer(knoll.ones(2, 3, 16)).shape
    (2, 8, 16)
    """

    in_channels: int
    out_channels: int
    kernel_size: Single
    stride: Single
    padding: str | Single
    dilation: Single

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Length,
        stride: Length = 1,
        padding: Length | str = 0,
        dilation: Length = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Literal["zeros", "reflect", "replicate", "circular", "symmetric"] = "zeros",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = single(kernel_size, "kernel_size", "conv1d")
        self.stride = single(stride, "stride", "conv1d")
        self.dilation = single(dilation, "dilation", "conv1d")
        self.padding = padding if isinstance(padding, str) else single(padding, "padding", "conv1d")
        self.in_channels = integer(in_channels, "in_channels", 1, "conv1d")
        self.out_channels = integer(out_channels, "out_channels", 1, "conv1d")
        self.groups = groups
        self.padding_mode = padding_mode
        self._check()
        shape = (self.out_channels, self.in_channels // groups, *self.kernel_size)
        self._make_parameters(shape, bias, device, dtype)

    def _check(self) -> None:
        check_groups(self.in_channels, self.out_channels, self.groups)
        if isinstance(self.padding, str):
            reason = f"Invalid padding string {self.padding!r}, should be one of {{'valid', 'same'}}"
            check_padding_word(self.padding, self.stride * 2, reason)
        check_padding_mode(self.padding_mode)
        if self.kernel_size[0] < 1:
            raise ArgumentError(say("nn.too_small", name="kernel_size", least=1), got=f"kernel_size={self.kernel_size}")
        check_slide(self.stride[0], 0 if isinstance(self.padding, str) else self.padding[0], self.dilation[0])

    def forward(self, input: Tensor) -> Tensor:
        """The convolved sequences."""
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """The sequences convolved with other numbers: what a subclass calls that changes its weight, or overrides."""
        padding: str | Single = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            padding = (0,)
        return F.conv1d(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    @property
    def _reversed_padding_repeated_twice(self) -> tuple[int, ...]:
        """The padding before and behind, as `F.pad` takes it."""
        stride, dilation = single(self.stride, "stride", "conv1d"), single(self.dilation, "dilation", "conv1d")
        return tuple(padding_ends(self.padding, self.weight.shape[2], stride[0], dilation[0]))


class ConvTranspose1d(TransposedConvolution[Single]):
    """1-D transposed convolution over sequences (n, c, l): each element adds a weighted window to the output.

    It is the gradient of `Conv1d` with the same arguments with respect to its input. It does not undo a convolution.

    Shapes: (n, c, l) → (n, k, l_out), or the same without n; c is `in_channels`, k is `out_channels` and
    l_out = (l − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1. `weight` is
    (c, k / groups, s) for a window of s elements, `bias` is (k,); both begin uniform within ±1 / √(k / groups · s).

    - `in_channels`, `out_channels`: channels of the input and of the output.
    - `kernel_size`: how many elements the window has.
    - `stride`: elements between neighbouring windows in the output; 2 doubles the length.
    - `padding`: elements cut from both ends of the output; 0 cuts none.
    - `output_padding`: elements added behind, since a `Conv1d` with a stride maps several lengths to one. Less than
      `stride` or `dilation`. The call takes `output_size` instead, and works this out.
    - `groups`: the channels are split into so many groups, each convolved by itself; both numbers are multiples of it.
    - `bias`: whether a number is added to each output channel.
    - `dilation`: elements between neighbouring elements of the window. 1 leaves no gaps.
    - `padding_mode`: only "zeros".
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.ConvTranspose1d(8, 4, 2, stride=2)
    >>> layer
    ConvTranspose1d(8, 4, kernel_size=(2,), stride=(2,))
    >>> layer(knoll.ones(1, 8, 12)).shape
    (1, 4, 24)
    """

    in_channels: int
    out_channels: int
    kernel_size: Single
    stride: Single
    padding: Single
    dilation: Single
    output_padding: Single

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Length,
        stride: Length = 1,
        padding: Length = 0,
        output_padding: Length = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Length = 1,
        padding_mode: str = "zeros",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        if not isinstance(padding_mode, str) or padding_mode != "zeros":
            raise ArgumentError(
                'Only "zeros" padding mode is supported for ConvTranspose1d', got=f"padding_mode={padding_mode!r}"
            )
        self.kernel_size = single(kernel_size, "kernel_size", "conv_transpose1d")
        self.stride = single(stride, "stride", "conv_transpose1d")
        self.padding = single(padding, "padding", "conv_transpose1d")
        self.dilation = single(dilation, "dilation", "conv_transpose1d")
        self.output_padding = single(output_padding, "output_padding", "conv_transpose1d")
        self.in_channels = integer(in_channels, "in_channels", 1, "conv_transpose1d")
        self.out_channels = integer(out_channels, "out_channels", 1, "conv_transpose1d")
        self.groups = groups
        self.padding_mode = padding_mode
        check_groups(self.in_channels, self.out_channels, groups)
        check_slide(self.stride[0], self.padding[0], self.dilation[0])
        shape = (self.in_channels, self.out_channels // groups, *self.kernel_size)
        self._make_parameters(shape, bias, device, dtype)

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """The convolved sequences; `output_size` chooses among the lengths that `Conv1d` maps to that of the input."""
        input = tensor(input, "conv_transpose1d")
        more = self._output_padding(input, output_size, self.stride, self.padding, self.kernel_size, 1, self.dilation)
        return F.conv_transpose1d(
            input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation
        )
