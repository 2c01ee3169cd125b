"""RegNet: residual networks of grouped convolutions whose widths follow a line, rounded to a few stages."""

from __future__ import annotations

from typing import Any

from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, Module, ReLU, Sequential, init
from knoll.tensor import Tensor
from knoll.vision.models.regnet_blocks import (
    AnyStage,
    BlockParams,
    Make,
    ResBottleneckBlock,
    SimpleStemIN,
)
from knoll.vision.models.regnet_blocks import BottleneckTransform as BottleneckTransform
from knoll.vision.models.regnet_weights import (
    RegNet_X_1_6GF_Weights,
    RegNet_X_3_2GF_Weights,
    RegNet_X_8GF_Weights,
    RegNet_X_16GF_Weights,
    RegNet_X_32GF_Weights,
    RegNet_X_400MF_Weights,
    RegNet_X_800MF_Weights,
    RegNet_Y_1_6GF_Weights,
    RegNet_Y_3_2GF_Weights,
    RegNet_Y_8GF_Weights,
    RegNet_Y_16GF_Weights,
    RegNet_Y_32GF_Weights,
    RegNet_Y_128GF_Weights,
    RegNet_Y_400MF_Weights,
    RegNet_Y_800MF_Weights,
)
from knoll.vision.models.settings import maker
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import published

__all__ = [
    "RegNet",
    "regnet_x_1_6gf",
    "regnet_x_3_2gf",
    "regnet_x_8gf",
    "regnet_x_16gf",
    "regnet_x_32gf",
    "regnet_x_400mf",
    "regnet_x_800mf",
    "regnet_y_1_6gf",
    "regnet_y_3_2gf",
    "regnet_y_8gf",
    "regnet_y_16gf",
    "regnet_y_32gf",
    "regnet_y_128gf",
    "regnet_y_400mf",
    "regnet_y_800mf",
]


class RegNet(Module):
    """RegNet for images (n, c, h, w) of any size; made for 224.

    Keys, initial weights and results are torchvision's: `trunk_output.block1.block1-0.f.a.0.weight` and so on.
    Source: Radosavovic, Kosaraju, Girshick, He and Dollár, Designing network design spaces, 2020,
    https://pytorch.org/vision/stable/models/regnet.html

    - `block_params`: the sizes of the stages; `stem_width`: the channels of the first convolution.
    - `stem_type`, `block_type`: what makes the first convolution and a block; without them `SimpleStemIN` and
      `ResBottleneckBlock`.
    - `norm_layer`, `activation`: what makes a normalisation of a number of channels, and an activation; without them
      batch norm and ReLU.

    >>> from knoll.vision.models.regnet import BlockParams, RegNet
    >>> net = RegNet(BlockParams.from_init_params(4, 16, 16.0, 2.0, 8, se_ratio=0.25), num_classes=10)
    >>> net.trunk_output.block2[0].f.b[0]
    Conv2d(32, 32, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=4, bias=False)
    """

    input_shape: Shape
    stem: Module
    trunk_output: Sequential
    avgpool: AdaptiveAvgPool2d
    fc: Linear

    def __init__(
        self,
        block_params: BlockParams,
        num_classes: int = 1000,
        stem_width: int = 32,
        stem_type: Make | None = None,
        block_type: Make | None = None,
        norm_layer: Make | None = None,
        activation: Make | None = None,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        self.input_shape = large_enough(input_shape, 1)
        layers = (maker(norm_layer, BatchNorm2d, "norm_layer"), maker(activation, ReLU, "activation"))
        self.stem = maker(stem_type, SimpleStemIN, "stem_type")(input_shape[0], stem_width, *layers)
        self.trunk_output = Sequential()
        channels = stem_width
        make = maker(block_type, ResBottleneckBlock, "block_type")
        for number, (width, stride, depth, group, multiplier) in enumerate(block_params.stages(), 1):
            sizes = (channels, width, stride, depth)
            stage = AnyStage(*sizes, make, *layers, group, multiplier, block_params.se_ratio, number)
            self.trunk_output.add_module(f"block{number}", stage)
            channels = width
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(channels, num_classes)
        for module in self.modules():
            _initialise(module)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self.fc(self.avgpool(self.trunk_output(self.stem(x))).flatten(1))


def _initialise(module: Module) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d):
        init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, Linear):
        init.normal_(module.weight, 0, 0.01)
        if module.bias is not None:
            init.zeros_(module.bias)


# Of each network: blocks, the first width, what each block adds to it, the ratio of widths, channels in a group.
_X = {
    "0.4": (22, 24, 24.48, 2.54, 16),
    "0.8": (16, 56, 35.73, 2.28, 16),
    "1.6": (18, 80, 34.01, 2.25, 24),
    "3.2": (25, 88, 26.31, 2.25, 48),
    "8": (23, 80, 49.56, 2.88, 120),
    "16": (22, 216, 55.59, 2.1, 128),
    "32": (23, 320, 69.86, 2.0, 168),
}
_Y = {
    "0.4": (16, 48, 27.89, 2.09, 8),
    "0.8": (14, 56, 38.84, 2.4, 16),
    "1.6": (27, 48, 20.71, 2.65, 24),
    "3.2": (21, 80, 42.63, 2.66, 24),
    "8": (17, 192, 76.82, 2.19, 56),
    "16": (18, 200, 106.23, 2.48, 112),
    "32": (20, 232, 115.89, 2.53, 232),
    "128": (27, 456, 160.83, 2.52, 264),
}


def _x(cost: str, num_classes: int, input_shape: Shape, config: dict[str, Any]) -> RegNet:
    """A RegNetX of so many billion multiply-adds."""
    return RegNet(BlockParams.from_init_params(*_X[cost]), num_classes, input_shape=input_shape, **config)


def _y(cost: str, num_classes: int, input_shape: Shape, config: dict[str, Any]) -> RegNet:
    """A RegNetY of so many billion multiply-adds: a RegNetX with gates for channels."""
    stages = BlockParams.from_init_params(*_Y[cost], se_ratio=0.25)
    return RegNet(stages, num_classes, input_shape=input_shape, **config)


@published(RegNet_X_400MF_Weights)
def regnet_x_400mf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetX of 0.4 billion multiply-adds: 5,495,976 parameters for 1000 classes."""
    return _x("0.4", num_classes, input_shape, config)


@published(RegNet_X_800MF_Weights)
def regnet_x_800mf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetX of 0.8 billion multiply-adds: 7,259,656 parameters for 1000 classes."""
    return _x("0.8", num_classes, input_shape, config)


@published(RegNet_X_1_6GF_Weights)
def regnet_x_1_6gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetX of 1.6 billion multiply-adds: 9,190,136 parameters for 1000 classes."""
    return _x("1.6", num_classes, input_shape, config)


@published(RegNet_X_3_2GF_Weights)
def regnet_x_3_2gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetX of 3.2 billion multiply-adds: 15,296,552 parameters for 1000 classes."""
    return _x("3.2", num_classes, input_shape, config)


@published(RegNet_X_8GF_Weights)
def regnet_x_8gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetX of 8 billion multiply-adds: 39,572,648 parameters for 1000 classes."""
    return _x("8", num_classes, input_shape, config)


@published(RegNet_X_16GF_Weights)
def regnet_x_16gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetX of 16 billion multiply-adds: 54,278,536 parameters for 1000 classes."""
    return _x("16", num_classes, input_shape, config)


@published(RegNet_X_32GF_Weights)
def regnet_x_32gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetX of 32 billion multiply-adds: 107,811,560 parameters for 1000 classes."""
    return _x("32", num_classes, input_shape, config)


@published(RegNet_Y_400MF_Weights)
def regnet_y_400mf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetY of 0.4 billion multiply-adds: 4,344,144 parameters for 1000 classes."""
    return _y("0.4", num_classes, input_shape, config)


@published(RegNet_Y_800MF_Weights)
def regnet_y_800mf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetY of 0.8 billion multiply-adds: 6,432,512 parameters for 1000 classes."""
    return _y("0.8", num_classes, input_shape, config)


@published(RegNet_Y_1_6GF_Weights)
def regnet_y_1_6gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetY of 1.6 billion multiply-adds: 11,202,430 parameters for 1000 classes."""
    return _y("1.6", num_classes, input_shape, config)


@published(RegNet_Y_3_2GF_Weights)
def regnet_y_3_2gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetY of 3.2 billion multiply-adds: 19,436,338 parameters for 1000 classes."""
    return _y("3.2", num_classes, input_shape, config)


@published(RegNet_Y_8GF_Weights)
def regnet_y_8gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetY of 8 billion multiply-adds: 39,381,472 parameters for 1000 classes."""
    return _y("8", num_classes, input_shape, config)


@published(RegNet_Y_16GF_Weights)
def regnet_y_16gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetY of 16 billion multiply-adds: 83,590,140 parameters for 1000 classes."""
    return _y("16", num_classes, input_shape, config)


@published(RegNet_Y_32GF_Weights)
def regnet_y_32gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetY of 32 billion multiply-adds: 145,046,770 parameters for 1000 classes."""
    return _y("32", num_classes, input_shape, config)


@published(RegNet_Y_128GF_Weights)
def regnet_y_128gf(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> RegNet:
    """A new RegNetY of 128 billion multiply-adds: 644,812,894 parameters for 1000 classes."""
    return _y("128", num_classes, input_shape, config)
