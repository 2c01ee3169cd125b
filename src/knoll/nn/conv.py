"""Convolution layers."""

from __future__ import annotations

from typing import Any, Literal

from knoll.errors import ArgumentError
from knoll.graph.memory import empty
from knoll.messages import say
from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.nn import init
from knoll.nn.convert import parameter_dtype
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.sizes import check_padding_word, check_slide, integer, padding_sides, pair
from knoll.ops.conv import Pair
from knoll.tensor import Tensor

__all__ = ["Conv2d"]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")  # those that PyTorch has and names
EXTRA_MODES = ("symmetric",)


def check_groups(in_channels: int, out_channels: int, groups: int) -> None:
    """Refuse groups that do not share the channels evenly."""
    if integer(groups, "groups", -(2**63), "conv2d") <= 0:
        raise ArgumentError("groups must be a positive integer", came=f"groups={groups}")
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ArgumentError(
                f"{name} must be divisible by groups",
                came=f"{name}={channels}, groups={groups}",
                advice=say("nn.groups", channels=channels),
            )


class Conv2d(Module):
    """Slides windows over images: each output is a weighted sum of what a window sees.

    Shapes: (n, c, h, w) → (n, k, rows, columns), or the same without n; c is `in_channels`, k is `out_channels` and
    rows = (h + 2·padding − dilation·(kernel_size − 1) − 1) / stride + 1, rounded down; columns likewise.

    - `kernel_size`, `stride`, `dilation`: a number, or (rows, columns). `dilation` is the distance between taps.
    - `padding`: likewise, or "valid" (none) or "same" (as much as keeps the size; the odd one goes below and right).
    - `groups`: the channels fall into so many groups that do not see each other.
    - `padding_mode`: "zeros", "reflect", "replicate", "circular" or "symmetric"; see `knoll.nn.functional.pad`.

    What can be known to be wrong is refused here, not when the first image comes: ArgumentError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html

    >>> layer = Conv2d(3, 32, 5, padding=2)
    >>> layer
    Conv2d(3, 32, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    >>> import knoll
    >>> layer(knoll.ones(64, 3, 32, 32)).shape
    (64, 32, 32, 32)
    """

    weight: Parameter
    bias: Parameter | None
    kernel_size: Pair
    stride: Pair
    dilation: Pair
    padding: str | Pair
    in_channels: int
    out_channels: int

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Literal["zeros", "reflect", "replicate", "circular", "symmetric"] = "zeros",
        device: object = None,
        dtype: object = None,
    ) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size", "conv2d")
        self.stride = pair(stride, "stride", "conv2d")
        self.dilation = pair(dilation, "dilation", "conv2d")
        self.padding = padding if isinstance(padding, str) else pair(padding, "padding", "conv2d")
        self.in_channels = integer(in_channels, "in_channels", 1, "conv2d")
        self.out_channels = integer(out_channels, "out_channels", 1, "conv2d")
        self.groups = groups
        self.padding_mode = padding_mode
        self._check()
        shape = (self.out_channels, self.in_channels // groups, *self.kernel_size)
        numbers = parameter_dtype(device, dtype)
        self.weight = Parameter(empty(shape, numbers))
        self.register_parameter("bias", Parameter(empty(self.out_channels, numbers)) if bias else None)
        self.reset_parameters()

    def _check(self) -> None:
        check_groups(self.in_channels, self.out_channels, self.groups)
        if isinstance(self.padding, str):
            reason = f"Invalid padding string {self.padding!r}, should be one of {{'valid', 'same'}}"
            check_padding_word(self.padding, self.stride, reason)
        if self.padding_mode not in PADDING_MODES + EXTRA_MODES:
            modes = ", ".join(map(repr, PADDING_MODES))
            raise ArgumentError(
                f"padding_mode must be one of {{{modes}}}, but got padding_mode='{self.padding_mode}'",
                expected=", ".join(PADDING_MODES + EXTRA_MODES),
            )
        if min(self.kernel_size) < 1:
            raise ArgumentError(
                say("nn.too_small", name="kernel_size", least=1), came=f"kernel_size={self.kernel_size}"
            )
        check_slide(self.stride, (0, 0) if isinstance(self.padding, str) else self.padding, self.dilation)

    def reset_parameters(self) -> None:
        """Draw weight and bias anew, between ±1/√(in_channels / groups · window)."""
        init.default_(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The images after the windows have passed."""
        padding: str | Pair = self.padding
        if self.padding_mode != "zeros":
            (above, below), (left, right) = padding_sides(padding, self.kernel_size, self.stride, self.dilation)
            input = F.pad(input, (left, right, above, below), mode=self.padding_mode)  # noqa: A001
            padding = (0, 0)
        return F.conv2d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """The arguments, those with their default left out, as PyTorch prints them."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        parts += [f"padding={self.padding}"] if self.padding != (0, 0) else []
        parts += [f"dilation={self.dilation}"] if self.dilation != (1, 1) else []
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        parts += ["bias=False"] if self.bias is None else []
        parts += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        return ", ".join(parts)
