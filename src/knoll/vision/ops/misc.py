"""Blocks of a few layers, with torchvision's names, arguments and keys.

Source: https://pytorch.org/vision/stable/ops.html#layers
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from knoll.nn import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Dropout, Linear, Module, ReLU, Sequential, Sigmoid
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, items

__all__ = ["MLP", "Conv2dNormActivation", "FrozenBatchNorm2d", "Permute", "SqueezeExcitation"]


class FrozenBatchNorm2d(Module):
    """Batch normalisation of images (n, c, h, w) by numbers that never change: a factor and a shift for each channel.

    Its keys are those of `BatchNorm2d`, so that trained statistics fit; `num_batches_tracked` is passed over.

    >>> import knoll
    >>> from knoll.vision.ops import FrozenBatchNorm2d
    >>> layer = FrozenBatchNorm2d(2)
    >>> layer, len(list(layer.parameters()))
    (FrozenBatchNorm2d(2, eps=1e-05), 0)
    """

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        for name, number in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            self.register_buffer(name, Tensor(np.full(num_features, number, np.float32)))

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        state_dict.pop(f"{prefix}num_batches_tracked", None)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) → the same."""
        scale = (self.weight * (self.running_var + self.eps).rsqrt()).reshape(1, -1, 1, 1)
        return x * scale + (self.bias.reshape(1, -1, 1, 1) - self.running_mean.reshape(1, -1, 1, 1) * scale)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.weight.shape[0]}, eps={self.eps})"


class Conv2dNormActivation(Sequential):
    """A convolution, its normalisation and its activation; without `padding` the images keep their size at stride 1.

    Without a normalisation the convolution has a bias.

    >>> from knoll.vision.ops import Conv2dNormActivation
    >>> Conv2dNormActivation(3, 8, kernel_size=5)[0]
    Conv2d(3, 8, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2), bias=False)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int] = 3,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str | None = None,
        groups: int = 1,
        norm_layer: Callable[..., Module] | None = BatchNorm2d,
        activation_layer: Callable[..., Module] | None = ReLU,
        dilation: int | tuple[int, int] = 1,
        inplace: bool | None = True,
        bias: bool | None = None,
    ) -> None:
        if padding is None:
            (r, s), (down, across) = _pair(kernel_size), _pair(dilation)
            padding = ((r - 1) // 2 * down, (s - 1) // 2 * across)
        own = norm_layer is None if bias is None else bias
        layers: list[Module] = [
            Conv2d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias=own)
        ]
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            layers.append(activation_layer(**_in_place(inplace)))
        super().__init__(*layers)
        self.out_channels = out_channels


class SqueezeExcitation(Module):
    """Each channel times a factor between 0 and 1, which two 1 by 1 convolutions make of the means of all channels.

    Source: Hu, Shen, Albanie, Sun and Wu, Squeeze-and-excitation networks, 2017

    >>> import knoll
    >>> from knoll.vision.ops import SqueezeExcitation
    >>> SqueezeExcitation(8, 2)(knoll.ones(1, 8, 4, 4)).shape
    (1, 8, 4, 4)
    """

    avgpool: AdaptiveAvgPool2d
    fc1: Conv2d
    fc2: Conv2d
    activation: Module
    scale_activation: Module

    def __init__(
        self,
        input_channels: int,
        squeeze_channels: int,
        activation: Callable[..., Module] = ReLU,
        scale_activation: Callable[..., Module] = Sigmoid,
    ) -> None:
        super().__init__()
        self.avgpool = AdaptiveAvgPool2d(1)
        self.fc1 = Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = Conv2d(squeeze_channels, input_channels, 1)
        self.activation = activation()
        self.scale_activation = scale_activation()

    def _scale(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        scale: Tensor = self.scale_activation(self.fc2(self.activation(self.fc1(self.avgpool(input)))))
        return scale

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """(n, c, h, w) → the same."""
        return self._scale(input) * input


class MLP(Sequential):
    """Linear layers with an activation and dropout between them, and dropout behind the last.

    >>> from knoll.vision.ops import MLP
    >>> [type(layer).__name__ for layer in MLP(8, [16, 4])]
    ['Linear', 'ReLU', 'Dropout', 'Linear', 'Dropout']
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: list[int],
        norm_layer: Callable[..., Module] | None = None,
        activation_layer: Callable[..., Module] = ReLU,
        inplace: bool | None = None,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        options = _in_place(inplace)
        layers: list[Module] = []
        features = in_channels
        for width in hidden_channels[:-1]:
            layers.append(Linear(features, width, bias=bias))
            if norm_layer is not None:
                layers.append(norm_layer(width))
            layers += [activation_layer(**options), Dropout(dropout, **options)]
            features = width
        layers += [Linear(features, hidden_channels[-1], bias=bias), Dropout(dropout, **options)]
        super().__init__(*layers)


class Permute(Module):
    """A view of its input with the axes in another order.

    >>> import knoll
    >>> from knoll.vision.ops import Permute
    >>> Permute([0, 2, 3, 1])(knoll.ones(1, 3, 4, 5)).shape
    (1, 4, 5, 3)
    """

    dims: tuple[int, ...]

    def __init__(self, dims: list[int]) -> None:
        super().__init__()
        self.dims = tuple(integer(axis, "Permute", "dims") for axis in items(dims, "Permute", "dims"))

    def forward(self, x: Tensor) -> Tensor:
        """The axes `dims` of x, in this order."""
        return x.permute(self.dims)


def _pair(sizes: int | Sequence[int]) -> Sequence[int]:
    """Rows and columns."""
    return (sizes, sizes) if isinstance(sizes, int) else sizes


def _in_place(inplace: bool | None) -> dict[str, bool]:
    """The option of an activation, if it is wished."""
    return {} if inplace is None else {"inplace": inplace}
