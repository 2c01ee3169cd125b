"""EfficientNet: inverted bottlenecks with gates, made wider, deeper and for larger images in one proportion."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Dropout, Linear, Module, Sequential, SiLU, init
from knoll.tensor import Tensor
from knoll.tensor.arguments import real
from knoll.vision.models.efficientnet_blocks import FusedMBConv as FusedMBConv
from knoll.vision.models.efficientnet_blocks import FusedMBConvConfig, MBConvConfig, Norm, _MBConvConfig
from knoll.vision.models.efficientnet_blocks import MBConv as MBConv
from knoll.vision.models.efficientnet_weights import (
    EfficientNet_B0_Weights,
    EfficientNet_B1_Weights,
    EfficientNet_B2_Weights,
    EfficientNet_B3_Weights,
    EfficientNet_B4_Weights,
    EfficientNet_B5_Weights,
    EfficientNet_B6_Weights,
    EfficientNet_B7_Weights,
    EfficientNet_V2_L_Weights,
    EfficientNet_V2_M_Weights,
    EfficientNet_V2_S_Weights,
)
from knoll.vision.models.settings import block_settings, maker
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published, with_weights
from knoll.vision.ops import Conv2dNormActivation

__all__ = [
    "EfficientNet",
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_b2",
    "efficientnet_b3",
    "efficientnet_b4",
    "efficientnet_b5",
    "efficientnet_b6",
    "efficientnet_b7",
    "efficientnet_v2_l",
    "efficientnet_v2_m",
    "efficientnet_v2_s",
]


class EfficientNet(Module):
    """EfficientNet or EfficientNetV2 for images (n, c, h, w) of any size.

    Keys, initial weights and results are torchvision's: `features.1.0.block.0.0.weight`, `classifier.1.bias` and so on.
    Raises ArgumentError, ArgumentTypeError.
    Source: Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks, 2019, and
    EfficientNetV2: smaller models and faster training, 2021,
    https://pytorch.org/vision/stable/models/efficientnet.html

    - `inverted_residual_setting`: an `MBConvConfig` or a `FusedMBConvConfig` for each stage.
    - `dropout`: the share of the features which training sets to zero.
    - `stochastic_depth_prob`: how often training leaves out the last block; those before it less, in proportion.
    - `norm_layer`: what makes a normalisation of a number of channels; without it batch norm.
    - `last_channel`: the features before the classifier; without it four times the channels of the last stage.

    >>> from knoll.vision.models.efficientnet import EfficientNet, MBConvConfig
    >>> net = EfficientNet([MBConvConfig(1, 3, 1, 32, 16, 1), MBConvConfig(6, 5, 2, 16, 24, 2)], 0.2, num_classes=10)
    >>> len(net.features[2]), net.features[2][0].block[1][0].stride
    (2, (2, 2))
    """

    input_shape: Shape
    features: Sequential
    avgpool: AdaptiveAvgPool2d
    classifier: Sequential

    def __init__(
        self,
        inverted_residual_setting: Sequence[MBConvConfig | FusedMBConvConfig],
        dropout: float,
        stochastic_depth_prob: float = 0.2,
        num_classes: int = 1000,
        norm_layer: Norm | None = None,
        last_channel: int | None = None,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        name = "inverted_residual_setting"
        stages = block_settings(inverted_residual_setting, _MBConvConfig, name, "List[MBConvConfig]")
        self.input_shape = large_enough(input_shape, 1)
        norm = maker(norm_layer, BatchNorm2d, "norm_layer")
        convolution = partial(Conv2dNormActivation, norm_layer=norm, activation_layer=SiLU)
        channels = stages[-1].out_channels
        last = 4 * channels if last_channel is None else last_channel
        self.features = Sequential(
            convolution(input_shape[0], stages[0].input_channels, 3, 2),
            *_stages(stages, real(stochastic_depth_prob, "EfficientNet", "stochastic_depth_prob"), norm),
            convolution(channels, last, 1),
        )
        self.avgpool = AdaptiveAvgPool2d(1)
        self.classifier = Sequential(Dropout(dropout, inplace=True), Linear(last, num_classes))
        for module in self.modules():
            _initialise(module)

    def _forward_impl(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self._forward_impl(x)


def _stages(stages: Sequence[_MBConvConfig], left_out: float, norm: Norm) -> Iterator[Sequential]:
    """The blocks of each stage; the first of all is never left out, those behind it ever more often."""
    depth, blocks = 0, sum(stage.num_layers for stage in stages)
    for stage in stages:
        layers: list[Module] = []
        for number in range(stage.num_layers):
            each = copy.copy(stage)
            if number:
                each.input_channels, each.stride = stage.out_channels, 1
            layers.append(stage.block(each, left_out * depth / blocks, norm))
            depth += 1
        yield Sequential(*layers)


def _initialise(module: Module) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d):
        init.kaiming_normal_(module.weight, mode="fan_out")
    elif isinstance(module, Linear):
        bound = 1 / math.sqrt(module.out_features)
        init.uniform_(module.weight, -bound, bound)
    if isinstance(module, Conv2d | Linear) and module.bias is not None:
        init.zeros_(module.bias)


# The rows of the first paper's table 1: times as wide inside, window, stride, channels before and behind, blocks.
_B = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
# The same of the second paper: the stages of fused bottlenecks, and those of inverted ones.
_Rows: TypeAlias = Sequence[tuple[int, int, int, int, int, int]]
_V2: dict[str, tuple[_Rows, _Rows]] = {
    "efficientnet_v2_s": (
        ((1, 3, 1, 24, 24, 2), (4, 3, 2, 24, 48, 4), (4, 3, 2, 48, 64, 4)),
        ((4, 3, 2, 64, 128, 6), (6, 3, 1, 128, 160, 9), (6, 3, 2, 160, 256, 15)),
    ),
    "efficientnet_v2_m": (
        ((1, 3, 1, 24, 24, 3), (4, 3, 2, 24, 48, 5), (4, 3, 2, 48, 80, 5)),
        ((4, 3, 2, 80, 160, 7), (6, 3, 1, 160, 176, 14), (6, 3, 2, 176, 304, 18), (6, 3, 1, 304, 512, 5)),
    ),
    "efficientnet_v2_l": (
        ((1, 3, 1, 32, 32, 4), (4, 3, 2, 32, 64, 7), (4, 3, 2, 64, 96, 7)),
        ((4, 3, 2, 96, 192, 10), (6, 3, 1, 192, 224, 19), (6, 3, 2, 224, 384, 25), (6, 3, 1, 384, 640, 7)),
    ),
}
_SLOW = partial(BatchNorm2d, eps=0.001, momentum=0.01)


def _efficientnet_conf(
    arch: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> tuple[Sequence[MBConvConfig | FusedMBConvConfig], int | None]:
    """The stages of a network, as "efficientnet_b0" or "efficientnet_v2_s", and the features before its classifier.

    Those of the first paper are so many times as wide and deep. Raises ArgumentError.
    """
    if arch.startswith("efficientnet_b"):
        return [MBConvConfig(*row, width_mult=width_mult, depth_mult=depth_mult) for row in _B], None
    if arch not in _V2:
        raise ArgumentError(f"Unsupported model type {arch}", expected=", ".join(("efficientnet_b0", *_V2)))
    fused, inverted = _V2[arch]
    return [*(FusedMBConvConfig(*row) for row in fused), *(MBConvConfig(*row) for row in inverted)], 1280


def _efficientnet(
    inverted_residual_setting: Sequence[MBConvConfig | FusedMBConvConfig],
    dropout: float,
    last_channel: int | None,
    weights: WeightsEnum | None,
    progress: bool,
    **kwargs: Any,
) -> EfficientNet:
    """An EfficientNet of these stages, with the weights, if there are any."""
    make = partial(EfficientNet, inverted_residual_setting, dropout, last_channel=last_channel)
    return with_weights(make, weights, progress, **kwargs)


def _scaled(
    width: float, depth: float, dropout: float, num_classes: int, input_shape: Shape, config: dict[str, Any]
) -> EfficientNet:
    """EfficientNet, `width` times as wide and `depth` times as deep."""
    stages, _ = _efficientnet_conf("efficientnet_b", width, depth)
    return EfficientNet(stages, dropout, num_classes=num_classes, input_shape=input_shape, **config)


def _second(arch: str, dropout: float, num_classes: int, input_shape: Shape, config: dict[str, Any]) -> EfficientNet:
    """EfficientNetV2."""
    stages, last_channel = _efficientnet_conf(arch)
    config = {"norm_layer": partial(BatchNorm2d, eps=0.001), "last_channel": last_channel, **config}
    return EfficientNet(stages, dropout, num_classes=num_classes, input_shape=input_shape, **config)


@published(EfficientNet_B0_Weights)
def efficientnet_b0(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.2, **config: Any
) -> EfficientNet:
    """A new EfficientNet, of which the others are scaled: 5,288,548 parameters for 1000 classes."""
    return _scaled(1.0, 1.0, dropout, num_classes, input_shape, config)


@published(EfficientNet_B1_Weights)
def efficientnet_b1(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.2, **config: Any
) -> EfficientNet:
    """A new EfficientNet as wide and 1.1 times as deep: 7,794,184 parameters for 1000 classes."""
    return _scaled(1.0, 1.1, dropout, num_classes, input_shape, config)


@published(EfficientNet_B2_Weights)
def efficientnet_b2(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.3, **config: Any
) -> EfficientNet:
    """A new EfficientNet 1.1 times as wide and 1.2 times as deep: 9,109,994 parameters for 1000 classes."""
    return _scaled(1.1, 1.2, dropout, num_classes, input_shape, config)


@published(EfficientNet_B3_Weights)
def efficientnet_b3(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.3, **config: Any
) -> EfficientNet:
    """A new EfficientNet 1.2 times as wide and 1.4 times as deep: 12,233,232 parameters for 1000 classes."""
    return _scaled(1.2, 1.4, dropout, num_classes, input_shape, config)


@published(EfficientNet_B4_Weights)
def efficientnet_b4(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.4, **config: Any
) -> EfficientNet:
    """A new EfficientNet 1.4 times as wide and 1.8 times as deep: 19,341,616 parameters for 1000 classes."""
    return _scaled(1.4, 1.8, dropout, num_classes, input_shape, config)


@published(EfficientNet_B5_Weights)
def efficientnet_b5(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.4, **config: Any
) -> EfficientNet:
    """A new EfficientNet 1.6 times as wide and 2.2 times as deep: 30,389,784 parameters for 1000 classes."""
    return _scaled(1.6, 2.2, dropout, num_classes, input_shape, {"norm_layer": _SLOW, **config})


@published(EfficientNet_B6_Weights)
def efficientnet_b6(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.5, **config: Any
) -> EfficientNet:
    """A new EfficientNet 1.8 times as wide and 2.6 times as deep: 43,040,704 parameters for 1000 classes."""
    return _scaled(1.8, 2.6, dropout, num_classes, input_shape, {"norm_layer": _SLOW, **config})


@published(EfficientNet_B7_Weights)
def efficientnet_b7(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.5, **config: Any
) -> EfficientNet:
    """A new EfficientNet twice as wide and 3.1 times as deep: 66,347,960 parameters for 1000 classes."""
    return _scaled(2.0, 3.1, dropout, num_classes, input_shape, {"norm_layer": _SLOW, **config})


@published(EfficientNet_V2_S_Weights)
def efficientnet_v2_s(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.2, **config: Any
) -> EfficientNet:
    """A new small EfficientNetV2: 21,458,488 parameters for 1000 classes."""
    return _second("efficientnet_v2_s", dropout, num_classes, input_shape, config)


@published(EfficientNet_V2_M_Weights)
def efficientnet_v2_m(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.3, **config: Any
) -> EfficientNet:
    """A new medium EfficientNetV2: 54,139,356 parameters for 1000 classes."""
    return _second("efficientnet_v2_m", dropout, num_classes, input_shape, config)


@published(EfficientNet_V2_L_Weights)
def efficientnet_v2_l(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.4, **config: Any
) -> EfficientNet:
    """A new large EfficientNetV2: 118,515,272 parameters for 1000 classes."""
    return _second("efficientnet_v2_l", dropout, num_classes, input_shape, config)
