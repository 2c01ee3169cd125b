"""Convolutions that need not be told how many channels come in: they look at the first input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from numpy.typing import DTypeLike

from knoll.errors import ShapeError
from knoll.graph import Shape
from knoll.graph.shapes import size_name
from knoll.nn.layers.conv import Conv2d, check_groups
from knoll.nn.layers.conv1d import Conv1d, ConvTranspose1d
from knoll.nn.layers.conv_transpose import ConvTranspose2d
from knoll.nn.layers.lazy import Inferred
from knoll.nn.lengths import Length
from knoll.nn.sizes import Size
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["LazyConv1d", "LazyConv2d", "LazyConvTranspose1d", "LazyConvTranspose2d"]


class LazyConvolution(Inferred):
    """Base class of lazy convolutions along so many `axes`."""

    axes: ClassVar[int] = 2
    missing = "in_channels"
    weight: Any
    in_channels: int
    out_channels: int
    kernel_size: Any
    groups: int

    def _materialize(self) -> None:
        check_groups(self.in_channels, self.out_channels, self.groups)
        super()._materialize()

    def _size_of(self, x: Tensor) -> int:
        if x.ndim not in (self.axes + 1, self.axes + 2):
            raise ShapeError(
                f"Expected {self.axes + 1}D (unbatched) or {self.axes + 2}D (batched) input to {type(self).__name__}, "
                f"but got input of size: {size_name(x.shape)}"
            )
        return x.shape[-self.axes - 1]

    def _shape_of(self, name: str) -> Shape:
        channels = (self.out_channels, self.in_channels // self.groups)
        return (*channels, *self.kernel_size) if name == "weight" else channels[:1]

    def _size_held(self) -> int:
        return int(self.weight.shape[1]) * self.groups


class LazyTransposedConvolution(LazyConvolution):
    """Base class of lazy transposed convolutions: the channels of the input come first in their weights."""

    def initialize_parameters(self, input: Any, output_size: Sequence[int] | None = None) -> None:  # noqa: ARG002 (as forward)
        """Work out the channels from the input, whatever the output's size."""
        super().initialize_parameters(input)

    def _shape_of(self, name: str) -> Shape:
        channels = (self.in_channels, self.out_channels // self.groups)
        return (*channels, *self.kernel_size) if name == "weight" else (self.out_channels,)

    def _size_held(self) -> int:
        return int(self.weight.shape[0])


def _fitting_channels(groups: Any) -> int:
    """A number of channels that groups divide; wrong groups are refused with a sentence of their own."""
    return groups if isinstance(groups, int) and groups > 0 else 1


class LazyConv2d(LazyConvolution, Conv2d):
    """2-D convolution whose `in_channels` is taken from the first input; then it is a `Conv2d`.

    The arguments are those of `Conv2d`.

    Raises ArgumentError, ArgumentTypeError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyConv2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyConv2d(32, 5, padding=2)
    >>> layer
    LazyConv2d(0, 32, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    >>> layer(knoll.zeros(1, 3, 32, 32)).shape, layer
    ((1, 32, 32, 32), Conv2d(3, 32, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2)))
    """

    cls_to_become = Conv2d

    def __init__(
        self,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        arguments = {
            "out_channels": out_channels, "kernel_size": kernel_size, "stride": stride, "padding": padding,
            "dilation": dilation, "groups": groups, "bias": bias, "padding_mode": padding_mode,
        }  # fmt: skip
        super().__init__(_fitting_channels(groups), **arguments, device=device, dtype=dtype)
        self._begin()


class LazyConvTranspose2d(LazyTransposedConvolution, ConvTranspose2d):
    """2-D transposed convolution whose `in_channels` is taken from the first input; then it is a `ConvTranspose2d`.

    The arguments are those of `ConvTranspose2d`.

    Raises ArgumentError, ArgumentTypeError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyConvTranspose2d(8, 2, stride=2)
    >>> layer(knoll.zeros(1, 16, 12, 12)).shape, layer
    ((1, 8, 24, 24), ConvTranspose2d(16, 8, kernel_size=(2, 2), stride=(2, 2)))
    """

    cls_to_become = ConvTranspose2d

    def __init__(
        self,
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
        arguments = {
            "out_channels": out_channels, "kernel_size": kernel_size, "stride": stride, "padding": padding,
            "output_padding": output_padding, "groups": groups, "bias": bias, "dilation": dilation,
            "padding_mode": padding_mode,
        }  # fmt: skip
        super().__init__(_fitting_channels(groups), **arguments, device=device, dtype=dtype)
        self._begin()


class LazyConv1d(LazyConvolution, Conv1d):
    """1-D convolution whose `in_channels` is taken from the first input; then it is a `Conv1d`.

    The arguments are those of `Conv1d`.

    Raises ArgumentError, ArgumentTypeError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyConv1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyConv1d(8, 5, padding=2)
    >>> layer(knoll.zeros(1, 3, 16)).shape, layer
    ((1, 8, 16), Conv1d(3, 8, kernel_size=(5,), stride=(1,), padding=(2,)))
    """

    axes = 1
    cls_to_become = Conv1d

    def __init__(
        self,
        out_channels: int,
        kernel_size: Length,
        stride: Length = 1,
        padding: Length | str = 0,
        dilation: Length = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        arguments = {
            "out_channels": out_channels, "kernel_size": kernel_size, "stride": stride, "padding": padding,
            "dilation": dilation, "groups": groups, "bias": bias, "padding_mode": padding_mode,
        }  # fmt: skip
        super().__init__(_fitting_channels(groups), **arguments, device=device, dtype=dtype)
        self._begin()


class LazyConvTranspose1d(LazyTransposedConvolution, ConvTranspose1d):
    """1-D transposed convolution whose `in_channels` is taken from the first input; then it is a `ConvTranspose1d`.

    The arguments are those of `ConvTranspose1d`.

    Raises ArgumentError, ArgumentTypeError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyConvTranspose1d(4, 2, stride=2)
    >>> layer(knoll.zeros(1, 8, 12)).shape, layer
    ((1, 4, 24), ConvTranspose1d(8, 4, kernel_size=(2,), stride=(2,)))
    """

    axes = 1
    cls_to_become = ConvTranspose1d

    def __init__(
        self,
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
        arguments = {
            "out_channels": out_channels, "kernel_size": kernel_size, "stride": stride, "padding": padding,
            "output_padding": output_padding, "groups": groups, "bias": bias, "dilation": dilation,
            "padding_mode": padding_mode,
        }  # fmt: skip
        super().__init__(_fitting_channels(groups), **arguments, device=device, dtype=dtype)
        self._begin()
