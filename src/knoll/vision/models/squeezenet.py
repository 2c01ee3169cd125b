"""SqueezeNet: convolutions of 1 by 1 squeeze the channels before those of 3 by 3 see them; no linear layer."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, Conv2d, Dropout, MaxPool2d, Module, ReLU, Sequential, init
from knoll.tensor import Tensor
from knoll.tensor.shapes.joining import cat
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import Weights, WeightsEnum, published

__all__ = ["SqueezeNet", "SqueezeNet1_0_Weights", "SqueezeNet1_1_Weights", "squeezenet1_0", "squeezenet1_1"]

# Channels and window of the first convolution, least rows and columns of an image, and the squeezed channels of each
# Fire module of the stages, between which poolings stand. Both halves of a Fire module widen them to as many channels.
_VERSIONS = {
    "1_0": (96, 7, 21, ((16, 16, 32), (32, 48, 48, 64), (64,))),
    "1_1": (64, 3, 17, ((16, 16), (32, 32), (48, 48, 64, 64))),
}


class SqueezeNet(Module):
    """SqueezeNet for images (n, c, h, w) of 21 rows and columns or more, 17 for version 1_1; made for 224.

    Keys, initial weights and results are torchvision's: `features.3.squeeze.weight`, `classifier.1.bias` and so on.
    `version` is "1_0", the network of the paper, or "1_1", which needs less than half of its multiply-adds.
    `dropout` is the share of the numbers before the last convolution that training sets to zero.
    Raises ArgumentError.
    Source: Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size, 2016,
    https://pytorch.org/vision/stable/models/squeezenet.html

    >>> from knoll.vision.models import SqueezeNet
    >>> SqueezeNet("1_1", num_classes=10).features[3].expand3x3
    Conv2d(16, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    """

    input_shape: Shape
    features: Sequential
    num_classes: int
    classifier: Sequential

    def __init__(
        self,
        version: str = "1_0",
        num_classes: int = 1000,
        dropout: float = 0.5,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        if version not in _VERSIONS:
            raise ArgumentError(f"Unsupported SqueezeNet version {version}: 1_0 or 1_1 expected")
        channels, window, least, stages = _VERSIONS[version]
        self.input_shape = large_enough(input_shape, least)
        self.num_classes = num_classes
        layers: list[Module] = [Conv2d(input_shape[0], channels, window, 2), ReLU(True)]
        for stage in stages:
            layers.append(MaxPool2d(3, 2, ceil_mode=True))
            for squeezed in stage:
                layers.append(Fire(channels, squeezed, 4 * squeezed, 4 * squeezed))
                channels = 8 * squeezed
        self.features = Sequential(*layers)
        last = Conv2d(channels, num_classes, 1)
        self.classifier = Sequential(Dropout(dropout), last, ReLU(True), AdaptiveAvgPool2d((1, 1)))
        for module in self.modules():
            if isinstance(module, Conv2d):
                _initialise(module, last)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w), none of them negative."""
        return self.classifier(self.features(x)).flatten(1)


class Fire(Module):
    """A convolution of 1 by 1 to few channels, then two side by side, of 1 by 1 and 3 by 3, whose channels are joined.

    For images (n, inplanes, h, w) it gives (n, expand1x1_planes + expand3x3_planes, h, w).
    """

    inplanes: int
    squeeze: Conv2d
    squeeze_activation: ReLU
    expand1x1: Conv2d
    expand1x1_activation: ReLU
    expand3x3: Conv2d
    expand3x3_activation: ReLU

    def __init__(self, inplanes: int, squeeze_planes: int, expand1x1_planes: int, expand3x3_planes: int) -> None:
        super().__init__()
        self.inplanes = inplanes
        self.squeeze = Conv2d(inplanes, squeeze_planes, 1)
        self.squeeze_activation = ReLU(True)
        self.expand1x1 = Conv2d(squeeze_planes, expand1x1_planes, 1)
        self.expand1x1_activation = ReLU(True)
        self.expand3x3 = Conv2d(squeeze_planes, expand3x3_planes, 3, padding=1)
        self.expand3x3_activation = ReLU(True)

    def forward(self, x: Tensor) -> Tensor:
        """The joined channels of both halves."""
        x = self.squeeze_activation(self.squeeze(x))
        points = self.expand1x1_activation(self.expand1x1(x))
        return cat([points, self.expand3x3_activation(self.expand3x3(x))], 1)


def _initialise(convolution: Conv2d, last: Conv2d) -> None:
    """Draw the parameters of a convolution as torchvision does; those of the last one are smaller."""
    if convolution is last:
        init.normal_(convolution.weight, 0, 0.01)
    else:
        init.kaiming_uniform_(convolution.weight)
    if convolution.bias is not None:
        init.zeros_(convolution.bias)


def _published(file: str, num_params: int, first: float, fifth: float, least: int) -> Weights:
    return trained_on_imagenet(file, num_params, first, fifth, "pull/49#issuecomment-277560717", least)


class SqueezeNet1_0_Weights(WeightsEnum):
    """Weights for `squeezenet1_0`."""

    IMAGENET1K_V1 = _published("squeezenet1_0-b66bff10", 1_248_424, 58.092, 80.420, least=21)
    DEFAULT = IMAGENET1K_V1


class SqueezeNet1_1_Weights(WeightsEnum):
    """Weights for `squeezenet1_1`."""

    IMAGENET1K_V1 = _published("squeezenet1_1-b8a52dc0", 1_235_496, 58.178, 80.624, least=17)
    DEFAULT = IMAGENET1K_V1


@published(SqueezeNet1_0_Weights)
def squeezenet1_0(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.5) -> SqueezeNet:
    """A new SqueezeNet of the paper: 1,248,424 parameters for 1000 classes."""
    return SqueezeNet("1_0", num_classes, dropout, input_shape)


@published(SqueezeNet1_1_Weights)
def squeezenet1_1(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.5) -> SqueezeNet:
    """A new SqueezeNet with less to compute: 1,235,496 parameters for 1000 classes."""
    return SqueezeNet("1_1", num_classes, dropout, input_shape)
