"""MobileNetV1: convolutions in two halves, one that looks around in each channel and one that mixes the channels."""

from __future__ import annotations

import math
from itertools import pairwise

from knoll.calls import advised
from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, Linear, Module, Sequential
from knoll.tensor import Tensor
from knoll.tensor.arguments import real
from knoll.vision.models.sizes import large_enough
from knoll.vision.ops import Conv2dNormActivation

__all__ = ["MobileNetV1", "mobilenet_v1", "mobilenet_v1_025"]

# Channels after the first convolution and after each of the thirteen pairs; the size halves where they double.
_WIDTHS = (32, 64, 128, 128, 256, 256, *(512,) * 6, 1024, 1024)
_HALVED = (1, 3, 5, 11)


class MobileNetV1(Module):
    """MobileNetV1 for images (n, c, h, w) of any size; made for 224.

    `width` thins every layer: 0.25 keeps a quarter of the channels. `stride` is that of the first convolution, 2 in
    the paper; 1 suits images of 32 by 32, which would otherwise be a single pixel for the last six layers.
    Parameters for 1000 classes: 4,231,976 with `width` 1, 470,072 with 0.25.
    Source: Howard et al., MobileNets: efficient convolutional neural networks for mobile vision applications, 2017.

    >>> from knoll.vision.models import MobileNetV1
    >>> MobileNetV1(10, width=0.25).features[1][0]
    Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=8, bias=False)
    """

    input_shape: Shape
    features: Sequential
    avgpool: AdaptiveAvgPool2d
    classifier: Linear

    def __init__(
        self, num_classes: int = 1000, input_shape: Shape = (3, 224, 224), width: float = 1.0, stride: int = 2
    ) -> None:
        super().__init__()
        self.input_shape = input_shape = large_enough(input_shape, 1)
        width = real(width, "MobileNetV1", "width")
        if not 0 < width < math.inf:
            raise ArgumentError("width must be a positive number", got=f"width={width}")
        widths = [int(channels * width) for channels in _WIDTHS]
        pairs = [
            separable(channels, wanted, 2 if place in _HALVED else 1)
            for place, (channels, wanted) in enumerate(pairwise(widths))
        ]
        self.features = Sequential(Conv2dNormActivation(input_shape[0], widths[0], 3, stride), *pairs)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.classifier = Linear(widths[-1], num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def separable(channels: int, wanted: int, stride: int) -> Sequential:
    """A 3 by 3 convolution of each channel alone, then one of 1 by 1 over all channels."""
    return Sequential(
        *Conv2dNormActivation(channels, channels, 3, stride, groups=channels),
        *Conv2dNormActivation(channels, wanted, 1),
    )


@advised
def mobilenet_v1(num_classes: int = 1000, input_shape: Shape = (3, 224, 224)) -> MobileNetV1:
    """A new MobileNetV1 of full width, with the weights that its layers begin with."""
    return MobileNetV1(num_classes, input_shape)


@advised
def mobilenet_v1_025(num_classes: int = 10, input_shape: Shape = (3, 32, 32)) -> MobileNetV1:
    """A new MobileNetV1 with a quarter of the channels, for images of 32 by 32."""
    return MobileNetV1(num_classes, input_shape, width=0.25, stride=1)
