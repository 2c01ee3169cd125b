"""What GoogLeNet and Inception v3 have in common: their convolutions, initial weights and the scale of their images."""

from __future__ import annotations

from typing import Any

from knoll.nn import BatchNorm2d, Conv2d, Linear, Module, init
from knoll.nn import functional as F
from knoll.tensor import Tensor
from knoll.tensor.shapes.joining import cat

# Mean and deviation of each channel, by which images are usually normalised, and those that these weights expect.
_MEANS, _DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CENTRE = 0.5


class BasicConv2d(Module):
    """A convolution without bias, batch norm and ReLU; other arguments are those of `Conv2d`."""

    conv: Conv2d
    bn: BatchNorm2d

    def __init__(self, in_channels: int, out_channels: int, **kwargs: Any) -> None:
        super().__init__()
        self.conv = Conv2d(in_channels, out_channels, bias=False, **kwargs)
        self.bn = BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        """What is positive of the normalised result."""
        return F.relu(self.bn(self.conv(x)), inplace=True)


def normalised_by_half(x: Tensor) -> Tensor:
    """Images (n, 3, h, w) that were normalised by ImageNet's mean and deviation, by 0.5 and 0.5 instead."""
    return cat(
        [
            x[:, channel : channel + 1] * (deviation / _CENTRE) + (mean - _CENTRE) / _CENTRE
            for channel, (mean, deviation) in enumerate(zip(_MEANS, _DEVIATIONS, strict=True))
        ],
        1,
    )


def initialise(module: Module, deviation: float) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d | Linear):
        init.trunc_normal_(module.weight, 0, deviation, -2, 2)
