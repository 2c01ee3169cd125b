"""ShuffleNetV2: half of the channels pass a block unchanged, and a shuffle mixes them with the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.nn import BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, ReLU, Sequential
from knoll.nn.functional import channel_shuffle
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, items
from knoll.tensor.shapes.joining import cat
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.settings import maker
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published

__all__ = [
    "ShuffleNetV2",
    "ShuffleNet_V2_X0_5_Weights",
    "ShuffleNet_V2_X1_0_Weights",
    "ShuffleNet_V2_X1_5_Weights",
    "ShuffleNet_V2_X2_0_Weights",
    "shufflenet_v2_x0_5",
    "shufflenet_v2_x1_0",
    "shufflenet_v2_x1_5",
    "shufflenet_v2_x2_0",
]


class InvertedResidual(Module):
    """Two branches whose channels are joined and shuffled; with stride 1 one of them is half of the input as it is.

    (n, inp, h, w) → (n, oup, h / stride, w / stride). Raises ArgumentError.
    """

    stride: int
    branch1: Sequential
    branch2: Sequential

    def __init__(self, inp: int, oup: int, stride: int) -> None:
        super().__init__()
        if not 1 <= stride <= 3:
            raise ArgumentError("illegal stride value", expected="1, 2, 3", got=f"stride={stride}")
        half = oup // 2
        if stride == 1 and inp != 2 * half:
            raise ArgumentError(
                f"Invalid combination of stride {stride}, inp {inp} and oup {oup} values. If stride == 1 then inp "
                "should be equal to oup // 2 << 1."
            )
        self.stride = stride
        self.branch1 = Sequential() if stride == 1 else Sequential(*_around(inp, stride), *_mixed(inp, half))
        channels = half if stride == 1 else inp
        self.branch2 = Sequential(*_mixed(channels, half), *_around(half, stride), *_mixed(half, half))

    def forward(self, x: Tensor) -> Tensor:
        """The channels of both branches, taken from them in turn."""
        first, second = x.chunk(2, 1) if self.stride == 1 else (self.branch1(x), x)
        return channel_shuffle(cat((first, self.branch2(second)), 1), 2)


def _mixed(channels: int, wanted: int) -> tuple[Module, ...]:
    """A convolution of 1 by 1 over all channels."""
    return Conv2d(channels, wanted, 1, bias=False), BatchNorm2d(wanted), ReLU(inplace=True)


def _around(channels: int, stride: int) -> tuple[Module, ...]:
    """A convolution of 3 by 3 in each channel alone, without activation."""
    return Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False), BatchNorm2d(channels)


class ShuffleNetV2(Module):
    """ShuffleNetV2 for images (n, c, h, w) of any size; made for 224.

    Keys, initial weights and results are torchvision's: `stage2.0.branch1.0.weight`, `fc.bias` and so on.
    Raises ArgumentError.
    Source: Ma, Zhang, Zheng and Sun, ShuffleNet V2: practical guidelines for efficient CNN architecture design, 2018,
    https://pytorch.org/vision/stable/models/shufflenetv2.html

    - `stages_repeats`: blocks of each of the three stages.
    - `stages_out_channels`: channels of the first convolution, of the three stages and of the last convolution.
    - `inverted_residual`: what makes a block of its channels before and behind and its stride.

    >>> from knoll.vision.models import ShuffleNetV2
    >>> net = ShuffleNetV2([2, 2, 2], [24, 32, 64, 128, 256], num_classes=10)
    >>> net.stage2[1].branch2[3]
    Conv2d(16, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=16, bias=False)
    """

    input_shape: Shape
    conv1: Sequential
    maxpool: MaxPool2d
    stage2: Sequential
    stage3: Sequential
    stage4: Sequential
    conv5: Sequential
    fc: Linear

    def __init__(
        self,
        stages_repeats: Sequence[int],
        stages_out_channels: Sequence[int],
        num_classes: int = 1000,
        inverted_residual: Callable[..., Module] = InvertedResidual,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        repeats = _ints(stages_repeats, "stages_repeats", 3)
        make = maker(inverted_residual, InvertedResidual, "inverted_residual")
        first, second, third, fourth, last = _ints(stages_out_channels, "stages_out_channels", 5)

        def stage(channels: int, wanted: int, blocks: int) -> Sequential:
            rest = (make(wanted, wanted, 1) for _ in range(blocks - 1))
            return Sequential(make(channels, wanted, 2), *rest)

        self.input_shape = large_enough(input_shape, 1)
        self.conv1 = Sequential(
            Conv2d(input_shape[0], first, 3, 2, 1, bias=False), BatchNorm2d(first), ReLU(inplace=True)
        )
        self.maxpool = MaxPool2d(3, 2, 1)
        self.stage2 = stage(first, second, repeats[0])
        self.stage3 = stage(second, third, repeats[1])
        self.stage4 = stage(third, fourth, repeats[2])
        self.conv5 = Sequential(*_mixed(fourth, last))
        self.fc = Linear(last, num_classes)

    def _forward_impl(self, x: Tensor) -> Tensor:
        x = self.stage4(self.stage3(self.stage2(self.maxpool(self.conv1(x)))))
        return self.fc(self.conv5(x).mean((2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self._forward_impl(x)


def _ints(given: Sequence[int], name: str, count: int) -> list[int]:
    """So many numbers, or ArgumentError."""
    numbers = [integer(each, "ShuffleNetV2", name) for each in items(given, "ShuffleNetV2", name)]
    if len(numbers) != count:
        raise ArgumentError(f"expected {name} as list of {count} positive ints", got=str(numbers))
    return numbers


def _net(channels: Sequence[int], num_classes: int, input_shape: Shape, config: dict[str, Any]) -> ShuffleNetV2:
    """A network of the paper's table 5, with these channels."""
    return ShuffleNetV2((4, 8, 4), channels, num_classes, input_shape=input_shape, **config)


_RECIPE = "https://github.com/ericsun99/Shufflenet-v2-Pytorch"


class ShuffleNet_V2_X0_5_Weights(WeightsEnum):
    """Weights for `shufflenet_v2_x0_5`."""

    IMAGENET1K_V1 = trained_on_imagenet("shufflenetv2_x0.5-f707e7126e", 1_366_792, 60.552, 81.746, _RECIPE)
    DEFAULT = IMAGENET1K_V1


class ShuffleNet_V2_X1_0_Weights(WeightsEnum):
    """Weights for `shufflenet_v2_x1_0`."""

    IMAGENET1K_V1 = trained_on_imagenet("shufflenetv2_x1-5666bf0f80", 2_278_604, 69.362, 88.316, _RECIPE)
    DEFAULT = IMAGENET1K_V1


class ShuffleNet_V2_X1_5_Weights(WeightsEnum):
    """Weights for `shufflenet_v2_x1_5`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "shufflenetv2_x1_5-3c479a10", 3_503_624, 72.996, 91.086, "pull/5906", resize_size=232
    )
    DEFAULT = IMAGENET1K_V1


class ShuffleNet_V2_X2_0_Weights(WeightsEnum):
    """Weights for `shufflenet_v2_x2_0`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "shufflenetv2_x2_0-8be3c8ee", 7_393_996, 76.230, 93.006, "pull/5906", resize_size=232
    )
    DEFAULT = IMAGENET1K_V1


@published(ShuffleNet_V2_X0_5_Weights)
def shufflenet_v2_x0_5(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ShuffleNetV2:
    """A new ShuffleNetV2 of about half the width: 1,366,792 parameters for 1000 classes."""
    return _net((24, 48, 96, 192, 1024), num_classes, input_shape, config)


@published(ShuffleNet_V2_X1_0_Weights)
def shufflenet_v2_x1_0(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ShuffleNetV2:
    """A new ShuffleNetV2: 2,278,604 parameters for 1000 classes."""
    return _net((24, 116, 232, 464, 1024), num_classes, input_shape, config)


@published(ShuffleNet_V2_X1_5_Weights)
def shufflenet_v2_x1_5(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ShuffleNetV2:
    """A new ShuffleNetV2 half as wide again: 3,503,624 parameters for 1000 classes."""
    return _net((24, 176, 352, 704, 1024), num_classes, input_shape, config)


@published(ShuffleNet_V2_X2_0_Weights)
def shufflenet_v2_x2_0(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> ShuffleNetV2:
    """A new ShuffleNetV2 of about twice the width: 7,393,996 parameters for 1000 classes."""
    return _net((24, 244, 488, 976, 2048), num_classes, input_shape, config)
