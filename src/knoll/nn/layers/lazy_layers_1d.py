"""Lazy convolutions along one axis, and lazy instance normalisations: they look at the first input."""

from __future__ import annotations

from typing import Literal

from numpy.typing import DTypeLike

from knoll.nn.layers.conv1d import Conv1d, ConvTranspose1d
from knoll.nn.layers.instance_norm import InstanceNorm1d, InstanceNorm2d
from knoll.nn.layers.lazy_layers import LazyConvolution, LazyNorm, LazyTransposedConvolution, fitting_channels
from knoll.nn.lengths import Length
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["LazyConv1d", "LazyConvTranspose1d", "LazyInstanceNorm1d", "LazyInstanceNorm2d"]


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
        super().__init__(fitting_channels(groups), **arguments, device=device, dtype=dtype)
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
        super().__init__(fitting_channels(groups), **arguments, device=device, dtype=dtype)
        self._begin()


class _LazyInstanceNorm(LazyNorm):
    """Base class of lazy instance normalisations: `affine` and `track_running_stats` are True unless given."""

    def _check_input(self, x: Tensor) -> None:
        """The layer that it becomes looks at the axes."""


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):
    """Instance normalisation whose `num_features` is axis 1 of the first input; then it is an `InstanceNorm1d`.

    The arguments are those of `InstanceNorm1d`; `affine` and `track_running_stats` are True unless given.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyInstanceNorm1d()
    >>> layer(knoll.zeros(2, 5, 9)).shape, layer.num_features
    ((2, 5, 9), 5)
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):
    """Instance normalisation whose `num_features` is axis 1 of the first input; then it is an `InstanceNorm2d`.

    The arguments are those of `InstanceNorm2d`; `affine` and `track_running_stats` are True unless given.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyInstanceNorm2d()
    >>> layer(knoll.zeros(2, 5, 4, 4)).shape, layer.num_features
    ((2, 5, 4, 4), 5)
    """

    cls_to_become = InstanceNorm2d
