"""RegNet: residual networks of grouped convolutions whose widths follow a line, rounded to a few stages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, Module, ReLU, Sequential, init
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, real
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
from knoll.vision.models.sizes import large_enough, make_divisible
from knoll.vision.models.weights import published
from knoll.vision.ops import Conv2dNormActivation, SqueezeExcitation

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

Make = Callable[..., Module]


class SimpleStemIN(Conv2dNormActivation):
    """The first convolution: 3 by 3 with stride 2, its normalisation and activation."""

    def __init__(self, width_in: int, width_out: int, norm_layer: Make, activation_layer: Make) -> None:
        super().__init__(width_in, width_out, 3, 2, norm_layer=norm_layer, activation_layer=activation_layer)


class BottleneckTransform(Sequential):
    """A convolution of 3 by 3 in groups between two of 1 by 1, with a gate for channels where `se_ratio` is given.

    Inside there are `bottleneck_multiplier` times `width_out` channels, `group_width` of them in each group; the gate
    squeezes them to `se_ratio` times `width_in`.
    """

    a: Conv2dNormActivation
    b: Conv2dNormActivation
    se: SqueezeExcitation
    c: Conv2dNormActivation

    def __init__(
        self,
        width_in: int,
        width_out: int,
        stride: int,
        norm_layer: Make,
        activation_layer: Make,
        group_width: int,
        bottleneck_multiplier: float,
        se_ratio: float | None,
    ) -> None:
        super().__init__()
        layers: dict[str, Any] = {"norm_layer": norm_layer, "activation_layer": activation_layer}
        inside = round(width_out * bottleneck_multiplier)
        self.a = Conv2dNormActivation(width_in, inside, 1, **layers)
        self.b = Conv2dNormActivation(inside, inside, 3, stride, groups=inside // group_width, **layers)
        if se_ratio:
            self.se = SqueezeExcitation(inside, round(se_ratio * width_in), activation=activation_layer)
        self.c = Conv2dNormActivation(inside, width_out, 1, norm_layer=norm_layer, activation_layer=None)


class ResBottleneckBlock(Module):
    """A bottleneck beside a shortcut, which is a convolution of 1 by 1 where size or channels change.

    (n, width_in, h, w) → (n, width_out, h / stride, w / stride).
    """

    proj: Module | None
    f: BottleneckTransform
    activation: Module

    def __init__(
        self,
        width_in: int,
        width_out: int,
        stride: int,
        norm_layer: Make,
        activation_layer: Make,
        group_width: int = 1,
        bottleneck_multiplier: float = 1.0,
        se_ratio: float | None = None,
    ) -> None:
        super().__init__()
        self.proj = None
        if width_in != width_out or stride != 1:
            self.proj = Conv2dNormActivation(
                width_in, width_out, 1, stride, norm_layer=norm_layer, activation_layer=None
            )
        sizes = (width_in, width_out, stride, norm_layer, activation_layer)
        self.f = BottleneckTransform(*sizes, group_width, bottleneck_multiplier, se_ratio)
        self.activation = activation_layer(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """The activation of the sum."""
        shortcut = x if self.proj is None else self.proj(x)
        result: Tensor = self.activation(shortcut + self.f(x))
        return result


class AnyStage(Sequential):
    """`depth` blocks, the first of which changes channels and size."""

    def __init__(
        self,
        width_in: int,
        width_out: int,
        stride: int,
        depth: int,
        block_constructor: Make,
        norm_layer: Make,
        activation_layer: Make,
        group_width: int,
        bottleneck_multiplier: float,
        se_ratio: float | None = None,
        stage_index: int = 0,
    ) -> None:
        super().__init__()
        rest = (norm_layer, activation_layer, group_width, bottleneck_multiplier, se_ratio)
        for number in range(depth):
            first = (width_out, width_out, 1) if number else (width_in, width_out, stride)
            self.add_module(f"block{stage_index}-{number}", block_constructor(*first, *rest))


class BlockParams:
    """The sizes of the stages: how many blocks, how many channels, how many of them in a group and inside a block.

    >>> from knoll.vision.models.regnet import BlockParams
    >>> BlockParams.from_init_params(depth=16, w_0=48, w_a=27.89, w_m=2.09, group_width=8).widths
    [48, 104, 208, 440]
    """

    def __init__(
        self,
        depths: Sequence[int],
        widths: Sequence[int],
        group_widths: Sequence[int],
        bottleneck_multipliers: Sequence[float],
        strides: Sequence[int],
        se_ratio: float | None = None,
    ) -> None:
        self.depths = depths
        self.widths = widths
        self.group_widths = group_widths
        self.bottleneck_multipliers = bottleneck_multipliers
        self.strides = strides
        self.se_ratio = se_ratio

    def stages(self) -> Iterator[tuple[int, int, int, int, float]]:
        """Of each stage: channels, stride, blocks, channels in a group, and times as many channels inside a block."""
        return zip(self.widths, self.strides, self.depths, self.group_widths, self.bottleneck_multipliers, strict=True)

    @classmethod
    def from_init_params(
        cls,
        depth: int,
        w_0: int,
        w_a: float,
        w_m: float,
        group_width: int,
        bottleneck_multiplier: float = 1.0,
        se_ratio: float | None = None,
    ) -> BlockParams:
        """The stages of `depth` blocks whose widths follow the line w_0 + w_a · i, rounded to w_0 times powers of w_m.

        Widths are multiples of 8, and of the groups. Raises ArgumentError.
        Source: Radosavovic et al., 2020, equations 2 to 4
        """
        depth, w_0 = integer(depth, "BlockParams", "depth"), integer(w_0, "BlockParams", "w_0")
        w_a, w_m = real(w_a, "BlockParams", "w_a"), real(w_m, "BlockParams", "w_m")
        if w_a < 0 or w_0 <= 0 or w_m <= 1 or w_0 % 8:
            raise ArgumentError("Invalid RegNet settings", got=f"w_0={w_0}, w_a={w_a}, w_m={w_m}")
        powers = [round(math.log((w_0 + w_a * block) / w_0, w_m)) for block in range(depth)]
        stages = [(width, len(list(blocks))) for width, blocks in groupby(8 * round(w_0 * w_m**p / 8) for p in powers)]
        fitted = [_fitted(width, group_width, bottleneck_multiplier) for width, _ in stages]
        return cls(
            depths=[blocks for _, blocks in stages],
            widths=[width for width, _ in fitted],
            group_widths=[group for _, group in fitted],
            bottleneck_multipliers=[bottleneck_multiplier] * len(stages),
            strides=[2] * len(stages),
            se_ratio=se_ratio,
        )


def _fitted(width: int, group_width: int, multiplier: float) -> tuple[int, int]:
    """The width nearest to this one whose channels inside a block are whole groups, and the width of these."""
    inside = int(width * multiplier)
    group = min(group_width, inside)
    return int(make_divisible(inside, group) / multiplier), group


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
