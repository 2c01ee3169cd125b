"""Convolution layers."""

from __future__ import annotations

import math
from difflib import get_close_matches
from typing import Generic, Literal, TypeVar

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.convert import parameter_dtype
from knoll.nn.init.variance_scaling import fan_in_uniform_
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.sizes import Size, check_padding_word, check_slide, integer, padding_sides, pair
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["Conv2d"]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")  # those that PyTorch has and names
EXTRA_MODES = ("symmetric",)
MOST_CHANNELS, SHOWN = 1 << 16, 8  # of which the groups that fit are told; and how many of these
N = TypeVar("N", bound=tuple[int, ...])  # a number for each axis


def check_groups(in_channels: int, out_channels: int, groups: int) -> None:
    """Refuse groups that do not divide the channels."""
    if integer(groups, "groups", -(2**63), "conv2d") <= 0:
        raise ArgumentError("groups must be a positive integer", got=f"groups={groups}")
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ArgumentError(
                f"{name} must be divisible by groups",
                got=f"{name}={channels}, groups={groups}",
                advice=_groups_that_fit(in_channels, out_channels),
            )


def _groups_that_fit(inputs: int, outputs: int) -> str | None:
    """The numbers of groups that divide both numbers of channels; of many the first ones and the largest."""
    common = math.gcd(inputs, outputs)
    if not 0 < common < MOST_CHANNELS:
        return None
    fit = [str(groups) for groups in range(1, common + 1) if common % groups == 0]
    shown = fit if len(fit) <= SHOWN else [*fit[: SHOWN - 1], "…", fit[-1]]
    return say("nn.groups", inputs=inputs, outputs=outputs, groups=", ".join(shown))


def check_padding_mode(mode: str) -> None:
    """Refuse a mode that there is not."""
    if mode not in PADDING_MODES + EXTRA_MODES:
        modes, near = ", ".join(map(repr, PADDING_MODES)), get_close_matches(str(mode), PADDING_MODES + EXTRA_MODES, 1)
        raise ArgumentError(
            f"padding_mode must be one of {{{modes}}}, but got padding_mode='{mode}'",
            expected=", ".join(PADDING_MODES + EXTRA_MODES),
            advice=repr(near[0]) if near else None,
        )


class Convolution(Module, Generic[N]):
    """What convolutions along any axes have in common: weight, bias, and how they are printed."""

    weight: Parameter
    bias: Parameter | None
    in_channels: int
    out_channels: int
    kernel_size: N
    stride: N
    padding: str | N
    dilation: N
    output_padding: N
    groups: int
    padding_mode: str

    def _make_parameters(self, shape: Shape, bias: bool, device: Device, dtype: DTypeLike | None) -> None:
        """Make a weight of this shape and, unless there is none, a bias; both with their first values."""
        element = parameter_dtype(device, dtype)
        self.weight = Parameter._empty(shape, element)
        self.register_parameter("bias", Parameter._empty(self.out_channels, element) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialize weight and bias anew, uniform within ±1 / √(n · r · s), n being axis 1 of the weight."""
        fan_in_uniform_(self.weight, self.bias)

    def extra_repr(self) -> str:
        """The arguments, those with their default left out, as PyTorch prints them."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        more = getattr(self, "output_padding", ())
        parts += [f"padding={self.padding}"] if isinstance(self.padding, str) or any(self.padding) else []
        parts += [f"dilation={self.dilation}"] if set(self.dilation) != {1} else []
        parts += [f"output_padding={more}"] if any(more) else []
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        parts += ["bias=False"] if self.bias is None else []
        parts += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        return ", ".join(parts)


class Conv2d(Convolution[Pair]):
    """2-D convolution over images of shape (n, c, h, w): a window slides over them, and each output is a weighted sum.

    It is a cross-correlation, as in every deep-learning library: the window is not flipped.

    Shapes: (n, c, h, w) → (n, k, rows, columns), or the same without n; c is `in_channels`, k is `out_channels` and
    rows = ⌊(h + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1; columns likewise. `weight` is
    (k, c / groups, r, s) for a window of r × s, `bias` is (k,); both begin uniform within ±1 / √(c / groups · r · s).

    - `in_channels`: channels of the input: 3 for colour images, 1 for grey ones, else the `out_channels` of the layer
      before.
    - `out_channels`: channels of the output, and kernels of the layer: each kernel makes one channel, a feature map.
    - `kernel_size`: the window in pixels: one number for both, or (rows, columns).
    - `stride`: pixels between neighbouring windows, likewise. 1 is every pixel; 2 halves rows and columns.
    - `padding`: pixels added on each side, likewise; 0 adds none. "valid" is 0; "same" keeps the size, needs stride 1,
      and adds an odd pixel below and right.
    - `dilation`: pixels from one element of the window to the next, likewise. 1 leaves no gaps; with 2 a window of 3×3
      reaches over 5×5 pixels and has no more weights.
    - `groups`: the channels are split into so many groups, each convolved by itself; both numbers of channels are
      multiples of it. 1 is an ordinary convolution, `groups=in_channels` a depthwise one.
    - `bias`: whether a number is added to each output channel. False saves it before a batch normalisation, which
      subtracts the mean and adds a bias of its own.
    - `padding_mode`: what the added pixels hold: "zeros"; "reflect" mirrors the image at its outermost pixel,
      "replicate" repeats that pixel, "circular" goes on with the other side; "symmetric", which PyTorch does not have,
      mirrors the image with its outermost pixel.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Arguments that can fit no image are refused by the constructor: ArgumentError, ArgumentTypeError; images that do
    not fit by the call: ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Conv2d(3, 32, 5, padding=2)
    >>> layer
    Conv2d(3, 32, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    >>> layer.weight.shape, layer.bias.shape
    ((32, 3, 5, 5), (32,))
    >>> layer(knoll.ones(64, 3, 32, 32)).shape
    (64, 32, 32, 32)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Literal["zeros", "reflect", "replicate", "circular", "symmetric"] = "zeros",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size: Pair = pair(kernel_size, "kernel_size", "conv2d")
        self.stride: Pair = pair(stride, "stride", "conv2d")
        self.dilation: Pair = pair(dilation, "dilation", "conv2d")
        self.padding: str | Pair = padding if isinstance(padding, str) else pair(padding, "padding", "conv2d")
        self.in_channels: int = integer(in_channels, "in_channels", 1, "conv2d")
        self.out_channels: int = integer(out_channels, "out_channels", 1, "conv2d")
        self.groups = groups
        self.padding_mode = padding_mode
        self._check()
        shape = (self.out_channels, self.in_channels // groups, *self.kernel_size)
        self._make_parameters(shape, bias, device, dtype)

    def _check(self) -> None:
        check_groups(self.in_channels, self.out_channels, self.groups)
        if isinstance(self.padding, str):
            reason = f"Invalid padding string {self.padding!r}, should be one of {{'valid', 'same'}}"
            check_padding_word(self.padding, self.stride, reason)
        check_padding_mode(self.padding_mode)
        if min(self.kernel_size) < 1:
            raise ArgumentError(say("nn.too_small", name="kernel_size", least=1), got=f"kernel_size={self.kernel_size}")
        check_slide(self.stride, (0, 0) if isinstance(self.padding, str) else self.padding, self.dilation)

    def forward(self, input: Tensor) -> Tensor:
        """The convolved images."""
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """The images convolved with other numbers: what a subclass calls that changes its weight, or overrides."""
        padding: str | Pair = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            padding = (0, 0)
        return F.conv2d(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    @property
    def _reversed_padding_repeated_twice(self) -> tuple[int, ...]:
        """The padding left, right, above and below, as `F.pad` takes it."""
        stride, dilation = pair(self.stride, "stride", "conv2d"), pair(self.dilation, "dilation", "conv2d")
        kernel = pair(self.weight.shape[2:], "kernel_size", "conv2d")
        rows, columns = padding_sides(self.padding, kernel, stride, dilation)
        return (*columns, *rows)
