"""VGG: nothing but 3 by 3 convolutions and poolings, one after the other, then three linear layers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import nan
from typing import Any

from knoll.graph import Shape
from knoll.nn import (
    AdaptiveAvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    init,
)
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, items, truth
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import Weights, WeightsEnum, published, with_weights

__all__ = [
    "VGG",
    "VGG11_BN_Weights",
    "VGG11_Weights",
    "VGG13_BN_Weights",
    "VGG13_Weights",
    "VGG16_BN_Weights",
    "VGG16_Weights",
    "VGG19_BN_Weights",
    "VGG19_Weights",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]

# Channels of the convolutions, and "M" for a pooling.
cfgs: dict[str, list[str | int]] = {
    "A": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "B": [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "D": [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
    "E": [64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M"],
}


class VGG(Module):
    """A VGG network for images (n, c, h, w) of 32 rows and columns or more; made for 224.

    Keys, initial weights and results are torchvision's: `features.0.weight`, `classifier.6.bias` and so on.
    Source: Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2014,
    https://pytorch.org/vision/stable/models/vgg.html

    - `features`: what makes 512 channels of the images, as `make_layers(cfgs["A"])`.
    - `init_weights`: False leaves the initial weights of its layers.
    - `dropout`: the share of the numbers between the linear layers that training sets to zero.
    """

    input_shape: Shape
    features: Module
    avgpool: AdaptiveAvgPool2d
    classifier: Sequential

    def __init__(
        self,
        features: Module,
        num_classes: int = 1000,
        init_weights: bool = True,
        dropout: float = 0.5,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        self.input_shape = large_enough(input_shape, 32)
        self.features = features
        self.avgpool = AdaptiveAvgPool2d((7, 7))
        self.classifier = Sequential(
            Linear(512 * 7 * 7, 4096),
            ReLU(inplace=True),
            Dropout(dropout),
            Linear(4096, 4096),
            ReLU(inplace=True),
            Dropout(dropout),
            Linear(4096, num_classes),
        )
        if truth(init_weights, "VGG", "init_weights"):
            for module in self.modules():
                _initialise(module)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        x = self.avgpool(self.features(x))
        return self.classifier(x.flatten(1))


def make_layers(
    cfg: Sequence[str | int], batch_norm: bool = False, in_channels: int = 3, return_indices: bool = False
) -> Sequential:
    """A convolution for each number of channels, and a pooling for each "M".

    >>> [type(layer).__name__ for layer in make_layers([8, "M", 16])]
    ['Conv2d', 'ReLU', 'MaxPool2d', 'Conv2d', 'ReLU']
    """
    layers: list[Module] = []
    for each in items(cfg, "make_layers", "cfg"):
        if each == "M":
            layers.append(MaxPool2d(2, 2, return_indices=return_indices))
            continue
        width = integer(each, "make_layers", "cfg")
        # torchvision's weights have a bias before the batch norm too
        layers.append(Conv2d(in_channels, width, 3, padding=1))  # knoll: ignore[bias-before-batch-norm]
        layers += [*([BatchNorm2d(width)] if batch_norm else []), ReLU(True)]
        in_channels = width
    return Sequential(*layers)


def _vgg(cfg: str, batch_norm: bool, weights: WeightsEnum | None, progress: bool, **kwargs: Any) -> VGG:
    """A VGG of these layers of `cfgs`, with the weights, if there are any."""
    return with_weights(partial(VGG, make_layers(cfgs[cfg], batch_norm)), weights, progress, **kwargs)


def _initialise(module: Module) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d):
        init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, Linear):
        init.normal_(module.weight, 0, 0.01)
    if isinstance(module, Conv2d | Linear) and module.bias is not None:
        init.zeros_(module.bias)


def _published(file: str, num_params: int, first: float, fifth: float) -> Weights:
    return trained_on_imagenet(
        file, num_params, first, fifth, "tree/main/references/classification#alexnet-and-vgg", least=32
    )


class VGG11_Weights(WeightsEnum):
    """Weights for `vgg11`."""

    IMAGENET1K_V1 = _published("vgg11-8a719046", 132_863_336, 69.020, 88.628)
    DEFAULT = IMAGENET1K_V1


class VGG11_BN_Weights(WeightsEnum):
    """Weights for `vgg11_bn`."""

    IMAGENET1K_V1 = _published("vgg11_bn-6002323d", 132_868_840, 70.370, 89.810)
    DEFAULT = IMAGENET1K_V1


class VGG13_Weights(WeightsEnum):
    """Weights for `vgg13`."""

    IMAGENET1K_V1 = _published("vgg13-19584684", 133_047_848, 69.928, 89.246)
    DEFAULT = IMAGENET1K_V1


class VGG13_BN_Weights(WeightsEnum):
    """Weights for `vgg13_bn`."""

    IMAGENET1K_V1 = _published("vgg13_bn-abd245e5", 133_053_736, 71.586, 90.374)
    DEFAULT = IMAGENET1K_V1


class VGG16_Weights(WeightsEnum):
    """Weights for `vgg16`; `IMAGENET1K_FEATURES` has those of `features` alone, for images in [0, 255]."""

    IMAGENET1K_V1 = _published("vgg16-397923af", 138_357_544, 71.592, 90.382)
    IMAGENET1K_FEATURES = trained_on_imagenet(
        "vgg16_features-amdegroot-88682ab5",
        138_357_544,
        nan,
        nan,
        "https://github.com/amdegroot/ssd.pytorch#training-ssd",
        least=32,
        meta={"categories": None},
        mean=(0.48235, 0.45882, 0.40784),
        std=(1 / 255, 1 / 255, 1 / 255),
    )
    DEFAULT = IMAGENET1K_V1


class VGG16_BN_Weights(WeightsEnum):
    """Weights for `vgg16_bn`."""

    IMAGENET1K_V1 = _published("vgg16_bn-6c64b313", 138_365_992, 73.360, 91.516)
    DEFAULT = IMAGENET1K_V1


class VGG19_Weights(WeightsEnum):
    """Weights for `vgg19`."""

    IMAGENET1K_V1 = _published("vgg19-dcbb9e9d", 143_667_240, 72.376, 90.876)
    DEFAULT = IMAGENET1K_V1


class VGG19_BN_Weights(WeightsEnum):
    """Weights for `vgg19_bn`."""

    IMAGENET1K_V1 = _published("vgg19_bn-c79401a0", 143_678_248, 74.218, 91.842)
    DEFAULT = IMAGENET1K_V1


@published(VGG11_Weights)
def vgg11(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> VGG:
    """A new VGG of 8 convolutions: 132,863,336 parameters for 1000 classes."""
    return VGG(make_layers(cfgs["A"], False, input_shape[0]), num_classes, input_shape=input_shape, **config)


@published(VGG11_BN_Weights)
def vgg11_bn(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> VGG:
    """A new VGG of 8 convolutions with batch norms: 132,868,840 parameters for 1000 classes."""
    return VGG(make_layers(cfgs["A"], True, input_shape[0]), num_classes, input_shape=input_shape, **config)


@published(VGG13_Weights)
def vgg13(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> VGG:
    """A new VGG of 10 convolutions: 133,047,848 parameters for 1000 classes."""
    return VGG(make_layers(cfgs["B"], False, input_shape[0]), num_classes, input_shape=input_shape, **config)


@published(VGG13_BN_Weights)
def vgg13_bn(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> VGG:
    """A new VGG of 10 convolutions with batch norms: 133,053,736 parameters for 1000 classes."""
    return VGG(make_layers(cfgs["B"], True, input_shape[0]), num_classes, input_shape=input_shape, **config)


@published(VGG16_Weights)
def vgg16(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> VGG:
    """A new VGG of 13 convolutions: 138,357,544 parameters for 1000 classes."""
    return VGG(make_layers(cfgs["D"], False, input_shape[0]), num_classes, input_shape=input_shape, **config)


@published(VGG16_BN_Weights)
def vgg16_bn(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> VGG:
    """A new VGG of 13 convolutions with batch norms: 138,365,992 parameters for 1000 classes."""
    return VGG(make_layers(cfgs["D"], True, input_shape[0]), num_classes, input_shape=input_shape, **config)


@published(VGG19_Weights)
def vgg19(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> VGG:
    """A new VGG of 16 convolutions: 143,667,240 parameters for 1000 classes."""
    return VGG(make_layers(cfgs["E"], False, input_shape[0]), num_classes, input_shape=input_shape, **config)


@published(VGG19_BN_Weights)
def vgg19_bn(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> VGG:
    """A new VGG of 16 convolutions with batch norms: 143,678,248 parameters for 1000 classes."""
    return VGG(make_layers(cfgs["E"], True, input_shape[0]), num_classes, input_shape=input_shape, **config)
