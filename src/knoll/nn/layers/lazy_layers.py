"""Layers that need not be told how many features or channels come in: they look at the first input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from numpy.typing import DTypeLike

from knoll.errors import ShapeError
from knoll.graph import Shape
from knoll.graph.shapes import size_name
from knoll.nn.layers.batch_norm import BatchNorm1d, BatchNorm2d
from knoll.nn.layers.conv import Conv2d, check_groups
from knoll.nn.layers.conv_transpose import ConvTranspose2d
from knoll.nn.layers.lazy import Inferred
from knoll.nn.layers.linear import Linear
from knoll.nn.sizes import Size
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["LazyBatchNorm1d", "LazyBatchNorm2d", "LazyConv2d", "LazyConvTranspose2d", "LazyLinear"]


class LazyLinear(Inferred, Linear):
    """Linear layer whose `in_features` is the size of the last axis of the first input; then it is a `Linear`.

    The arguments are those of `Linear`.

    Raises ArgumentError, ArgumentTypeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyLinear(10)
    >>> layer, layer.weight
    (LazyLinear(in_features=0, out_features=10, bias=True), <UninitializedParameter>)
    >>> layer(knoll.zeros(2, 1024)).shape
    (2, 10)
    >>> layer
    Linear(in_features=1024, out_features=10, bias=True)
    """

    cls_to_become = Linear
    missing = "in_features"

    def __init__(
        self, out_features: int, bias: bool = True, device: Device = None, dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(0, out_features, bias, device, dtype)
        self._begin()

    def _size_of(self, x: Tensor) -> int:
        return x.shape[-1]

    def _shape_of(self, name: str) -> Shape:
        return (self.out_features, self.in_features) if name == "weight" else (self.out_features,)

    def _size_held(self) -> int:
        return self.weight.shape[-1]

    def _check_loaded(self, x: Tensor) -> None:
        if x.shape[-1] != self._size_held():
            raise AssertionError(
                f"The in_features inferred from input: {x.shape[-1]} is not equal to in_features from self.weight: "
                f"{self._size_held()}"
            )


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


def fitting_channels(groups: Any) -> int:
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
        super().__init__(fitting_channels(groups), **arguments, device=device, dtype=dtype)
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
        super().__init__(fitting_channels(groups), **arguments, device=device, dtype=dtype)
        self._begin()


class LazyNorm(Inferred):
    """Base class of lazy normalisations that may keep running statistics."""

    missing = "num_features"
    num_features: int

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        arguments = {
            "eps": eps, "momentum": momentum, "affine": affine, "bias": bias,
            "track_running_stats": track_running_stats,
        }  # fmt: skip
        super().__init__(0, **arguments, device=device, dtype=dtype)
        self._begin()

    def _size_of(self, x: Tensor) -> int:
        self._check_input(x)
        return x.shape[1]

    def _check_input(self, x: Tensor) -> None:
        """Refuse an input with another number of axes."""
        self._check_rank(x)

    def _shape_of(self, name: str) -> Shape:  # noqa: ARG002 (the same for all)
        return (self.num_features,)

    def _size_held(self) -> int | None:
        sizes = [tensor.shape[0] for tensor in (*self.parameters(), *self.buffers()) if tensor.shape]
        return sizes[0] if sizes else None


class LazyBatchNorm1d(LazyNorm, BatchNorm1d):
    """Batch normalisation whose `num_features` is axis 1 of the first input; then it is a `BatchNorm1d`.

    The arguments are those of `BatchNorm1d`.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyBatchNorm1d()
    >>> layer(knoll.zeros(4, 64)).shape, layer.num_features
    ((4, 64), 64)
    """

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(LazyNorm, BatchNorm2d):
    """Batch normalisation whose `num_features` is the channels of the first input; then it is a `BatchNorm2d`.

    The arguments are those of `BatchNorm2d`.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyBatchNorm2d()
    >>> layer.running_mean
    <UninitializedBuffer>
    >>> layer(knoll.zeros(4, 3, 8, 8)).shape, layer.num_features
    ((4, 3, 8, 8), 3)
    """

    cls_to_become = BatchNorm2d
