"""ResNet, ResNeXt and Wide ResNet: blocks that add what they compute to what they were given: depth does no harm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError, UnsupportedError
from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, ReLU, Sequential, init
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, integers, items, truth
from knoll.vision.models.resnet_weights import (
    ResNet18_Weights,
    ResNet34_Weights,
    ResNet50_Weights,
    ResNet101_Weights,
    ResNet152_Weights,
    ResNeXt50_32X4D_Weights,
    ResNeXt101_32X8D_Weights,
    ResNeXt101_64X4D_Weights,
    Wide_ResNet50_2_Weights,
    Wide_ResNet101_2_Weights,
)
from knoll.vision.models.settings import maker
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published, with_weights

__all__ = [
    "ResNet",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "wide_resnet50_2",
    "wide_resnet101_2",
]

Make = Callable[..., Module]


def conv3x3(in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1) -> Conv2d:
    """A convolution of 3 by 3 without bias, which keeps rows and columns at stride 1.

    >>> conv3x3(8, 16, stride=2)
    Conv2d(8, 16, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), bias=False)
    """
    return Conv2d(in_planes, out_planes, 3, stride, dilation, dilation, groups, bias=False)


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> Conv2d:
    """A convolution of 1 by 1 without bias."""
    return Conv2d(in_planes, out_planes, 1, stride, bias=False)


class BasicBlock(Module):
    """Two 3 by 3 convolutions beside a shortcut; the first has the stride.

    (n, inplanes, h, w) → (n, planes, h / stride, w / stride). Raises ArgumentError, UnsupportedError.

    - `downsample` brings the shortcut to the shape of the sum where `stride` or the channels change it.
    - `norm_layer` makes a normalisation of a number of channels; without it batch norm.
    - `groups`, `base_width`, `dilation` are those of a `Bottleneck`; a basic block has 1, 64 and 1.
    """

    expansion = 1  # channels of the result for each of `planes`
    conv1: Conv2d
    bn1: Module
    relu: ReLU
    conv2: Conv2d
    bn2: Module

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Make | None = None,
    ) -> None:
        super().__init__()
        norm = maker(norm_layer, BatchNorm2d, "norm_layer")
        if groups != 1 or base_width != 64:
            raise ArgumentError("BasicBlock only supports groups=1 and base_width=64")
        if dilation > 1:
            raise UnsupportedError("Dilation > 1 not supported in BasicBlock")
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm(planes)
        self.relu = ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """The activation of the sum."""
        out: Tensor = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Bottleneck(Module):
    """A 3 by 3 convolution between two of 1 by 1, which make the channels few and then many, beside a shortcut.

    (n, inplanes, h, w) → (n, 4 · planes, h / stride, w / stride). The stride is that of the 3 by 3 convolution, not of
    the first as in the paper: torchvision's "V1.5", which is more accurate.

    - `downsample`, `norm_layer` as in `BasicBlock`; `groups`, `dilation`: of the 3 by 3 convolution.
    - `base_width`: the channels inside for each 64 of `planes`, in each group.
    """

    expansion = 4
    conv1: Conv2d
    bn1: Module
    conv2: Conv2d
    bn2: Module
    conv3: Conv2d
    bn3: Module
    relu: ReLU

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Make | None = None,
    ) -> None:
        super().__init__()
        norm = maker(norm_layer, BatchNorm2d, "norm_layer")
        width = int(planes * (base_width / 64)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm(planes * self.expansion)
        self.relu = ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """The activation of the sum."""
        out: Tensor = self.relu(self.bn1(self.conv1(x)))
        out = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(out)))))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet(Module):
    """A residual network of four stages, for images (n, c, h, w) of any size; made for 224.

    Keys, initial weights and results are torchvision's: `layer1.0.conv1.weight`, `layer2.0.downsample.0.weight`
    and so on. Raises ArgumentError, ArgumentTypeError.
    Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015,
    https://pytorch.org/vision/stable/models/resnet.html

    - `block`: `BasicBlock` or `Bottleneck`; `layers`: the blocks of each stage.
    - `zero_init_residual`: whether each block begins as its shortcut alone.
    - `groups`, `width_per_group`: of the convolutions in a `Bottleneck`, whose `base_width` is `width_per_group`.
    - `replace_stride_with_dilation`: whether stages 2, 3 and 4 keep rows and columns, and pull windows apart instead.
    - `norm_layer`: what makes a normalisation of a number of channels; without it batch norm.

    >>> from knoll.vision.models.resnet import BasicBlock, ResNet
    >>> net = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=10)
    >>> net.layer2[0].downsample[0]
    Conv2d(64, 128, kernel_size=(1, 1), stride=(2, 2), bias=False)
    """

    input_shape: Shape
    inplanes: int
    dilation: int
    groups: int
    base_width: int
    conv1: Conv2d
    bn1: Module
    relu: ReLU
    maxpool: MaxPool2d
    layer1: Sequential
    layer2: Sequential
    layer3: Sequential
    layer4: Sequential
    avgpool: AdaptiveAvgPool2d
    fc: Linear

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None,
        norm_layer: Make | None = None,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        if not hasattr(block, "expansion"):
            raise ArgumentTypeError(f"block must be BasicBlock or Bottleneck, not {type(block).__name__}")
        depths = integers(layers, "ResNet", "layers")
        if not isinstance(depths, tuple) or len(depths) != 4:
            raise ArgumentError("layers must be four numbers of blocks", got=f"{layers}")
        dilate = _three(replace_stride_with_dilation)
        self.input_shape = input_shape = large_enough(input_shape, 1)
        self._norm_layer = maker(norm_layer, BatchNorm2d, "norm_layer")
        self.inplanes, self.dilation = 64, 1  # of what `_make_layer` makes next
        self.groups = integer(groups, "ResNet", "groups")
        self.base_width = integer(width_per_group, "ResNet", "width_per_group")
        self.conv1 = Conv2d(input_shape[0], self.inplanes, 7, stride=2, padding=3, bias=False)
        self.bn1 = self._norm_layer(self.inplanes)
        self.relu = ReLU(inplace=True)
        self.maxpool = MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, depths[0])
        self.layer2 = self._make_layer(block, 128, depths[1], 2, dilate[0])
        self.layer3 = self._make_layer(block, 256, depths[2], 2, dilate[1])
        self.layer4 = self._make_layer(block, 512, depths[3], 2, dilate[2])
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(512 * block.expansion, num_classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if truth(zero_init_residual, "ResNet", "zero_init_residual"):
            self._begin_as_shortcuts()

    def _make_layer(
        self, block: type[BasicBlock | Bottleneck], planes: int, blocks: int, stride: int = 1, dilate: bool = False
    ) -> Sequential:
        """A stage of blocks, the first of which changes size and channels."""
        result, before = planes * block.expansion, self.dilation
        if dilate:
            self.dilation, stride = self.dilation * stride, 1
        downsample = None
        if stride != 1 or self.inplanes != result:
            downsample = Sequential(conv1x1(self.inplanes, result, stride), self._norm_layer(result))
        sizes: dict[str, Any] = {"groups": self.groups, "base_width": self.base_width, "norm_layer": self._norm_layer}
        first = block(self.inplanes, planes, stride, downsample, dilation=before, **sizes)
        self.inplanes = result
        rest = (block(result, planes, dilation=self.dilation, **sizes) for _ in range(blocks - 1))
        return Sequential(first, *rest)

    def _begin_as_shortcuts(self) -> None:
        """Make the factors of the last normalisation of each block zero."""
        for module in self.modules():
            if isinstance(module, Bottleneck | BasicBlock):
                last: Any = module.bn3 if isinstance(module, Bottleneck) else module.bn2
                if last.weight is not None:
                    init.zeros_(last.weight)

    def _forward_impl(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self._forward_impl(x)


def _three(given: Sequence[bool] | None) -> Sequence[bool]:
    """For each of the last three stages whether it keeps rows and columns."""
    if given is None:
        return (False, False, False)
    flags = items(given, "ResNet", "replace_stride_with_dilation")
    if len(flags) != 3:
        raise ArgumentError(f"replace_stride_with_dilation should be None or a 3-element tuple, got {given}")
    return flags


def _resnet(
    block: type[BasicBlock | Bottleneck],
    layers: Sequence[int],
    weights: WeightsEnum | None,
    progress: bool,
    **kwargs: Any,
) -> ResNet:
    """A ResNet of these blocks, with the weights, if there are any."""
    return with_weights(partial(ResNet, block, layers), weights, progress, **kwargs)


@published(ResNet18_Weights)
def resnet18(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ResNet:
    """A new ResNet of 17 convolutions: 11,689,512 parameters for 1000 classes."""
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes, input_shape=input_shape, **config)


@published(ResNet34_Weights)
def resnet34(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ResNet:
    """A new ResNet of 33 convolutions: 21,797,672 parameters for 1000 classes."""
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes, input_shape=input_shape, **config)


@published(ResNet50_Weights)
def resnet50(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ResNet:
    """A new ResNet of 49 convolutions: 25,557,032 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes, input_shape=input_shape, **config)


@published(ResNet101_Weights)
def resnet101(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ResNet:
    """A new ResNet of 100 convolutions: 44,549,160 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 4, 23, 3), num_classes, input_shape=input_shape, **config)


@published(ResNet152_Weights)
def resnet152(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ResNet:
    """A new ResNet of 151 convolutions: 60,192,808 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 8, 36, 3), num_classes, input_shape=input_shape, **config)


@published(ResNeXt50_32X4D_Weights)
def resnext50_32x4d(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    groups: int = 32,
    width_per_group: int = 4,
    **config: Any,
) -> ResNet:
    """A new ResNeXt of 49 convolutions, with 32 groups of 4 channels: 25,028,904 parameters for 1000 classes."""
    return ResNet(
        Bottleneck,
        (3, 4, 6, 3),
        num_classes,
        groups=groups,
        width_per_group=width_per_group,
        input_shape=input_shape,
        **config,
    )


@published(ResNeXt101_32X8D_Weights)
def resnext101_32x8d(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    groups: int = 32,
    width_per_group: int = 8,
    **config: Any,
) -> ResNet:
    """A new ResNeXt of 100 convolutions, with 32 groups of 8 channels: 88,791,336 parameters for 1000 classes."""
    return ResNet(
        Bottleneck,
        (3, 4, 23, 3),
        num_classes,
        groups=groups,
        width_per_group=width_per_group,
        input_shape=input_shape,
        **config,
    )


@published(ResNeXt101_64X4D_Weights)
def resnext101_64x4d(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    groups: int = 64,
    width_per_group: int = 4,
    **config: Any,
) -> ResNet:
    """A new ResNeXt of 100 convolutions, with 64 groups of 4 channels: 83,455,272 parameters for 1000 classes."""
    return ResNet(
        Bottleneck,
        (3, 4, 23, 3),
        num_classes,
        groups=groups,
        width_per_group=width_per_group,
        input_shape=input_shape,
        **config,
    )


@published(Wide_ResNet50_2_Weights)
def wide_resnet50_2(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), width_per_group: int = 128, **config: Any
) -> ResNet:
    """A new ResNet of 49 convolutions, twice as wide inside its blocks: 68,883,240 parameters for 1000 classes."""
    return ResNet(
        Bottleneck, (3, 4, 6, 3), num_classes, width_per_group=width_per_group, input_shape=input_shape, **config
    )


@published(Wide_ResNet101_2_Weights)
def wide_resnet101_2(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), width_per_group: int = 128, **config: Any
) -> ResNet:
    """A new ResNet of 100 convolutions, twice as wide inside its blocks: 126,886,696 parameters for 1000 classes."""
    return ResNet(
        Bottleneck, (3, 4, 23, 3), num_classes, width_per_group=width_per_group, input_shape=input_shape, **config
    )
