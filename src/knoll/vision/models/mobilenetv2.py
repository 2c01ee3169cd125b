"""MobileNetV2: blocks that are wide inside and narrow between, with shortcuts from narrow to narrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.nn import BatchNorm2d, Conv2d, Dropout, Linear, Module, ReLU6, Sequential, init
from knoll.nn import functional as F
from knoll.tensor import Tensor
from knoll.tensor.arguments import items, real
from knoll.vision.models._utils import _make_divisible
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.settings import maker
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published
from knoll.vision.ops import Conv2dNormActivation

__all__ = ["MobileNetV2", "MobileNet_V2_Weights", "mobilenet_v2"]

# The rows of the paper's table 2: times as wide inside, channels, blocks, stride of the first block.
_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)

Make = Callable[..., Module]


class InvertedResidual(Module):
    """Makes the channels `expand_ratio` times as many, looks around in each, makes them few, without activation.

    (n, inp, h, w) → (n, oup, h / stride, w / stride), plus the input where it has that shape. `norm_layer` makes a
    normalisation of a number of channels; without it batch norm. Raises ArgumentError.
    """

    use_res_connect: bool
    conv: Sequential

    def __init__(self, inp: int, oup: int, stride: int, expand_ratio: int, norm_layer: Make | None = None) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ArgumentError(f"stride should be 1 or 2 instead of {stride}")
        norm = maker(norm_layer, BatchNorm2d, "norm_layer")
        convolution = partial(Conv2dNormActivation, norm_layer=norm, activation_layer=ReLU6)
        inside = round(inp * expand_ratio)
        self.stride = stride
        self.use_res_connect = stride == 1 and inp == oup
        self.conv = Sequential(
            *([] if expand_ratio == 1 else [convolution(inp, inside, 1)]),
            convolution(inside, inside, 3, stride, groups=inside),
            Conv2d(inside, oup, 1, bias=False),
            norm(oup),
        )
        self.out_channels = oup

    def forward(self, x: Tensor) -> Tensor:
        """The block's result, and the shortcut where it fits."""
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(Module):
    """MobileNetV2 for images (n, c, h, w) of any size; made for 224.

    Keys, initial weights and results are torchvision's: `features.1.conv.0.0.weight`, `classifier.1.bias` and so on.
    Raises ArgumentError, ArgumentTypeError.
    Source: Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, 2018,
    https://pytorch.org/vision/stable/models/mobilenetv2.html

    - `width_mult`: times as many channels in every layer, rounded to multiples of `round_nearest`.
    - `inverted_residual_setting`: of each stage, times as wide inside, channels, blocks, and stride of the first block;
      without it the paper's.
    - `block`: what makes a block, as `InvertedResidual` does.
    - `norm_layer`: what makes a normalisation of a number of channels; without it batch norm.
    - `dropout`: the share of the features which training sets to zero.

    >>> from knoll.vision.models import MobileNetV2
    >>> net = MobileNetV2(10, width_mult=0.25)
    >>> len(net.features), net.features[1].conv[0][0]
    (19, Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=8, bias=False))
    """

    input_shape: Shape
    features: Sequential
    last_channel: int
    classifier: Sequential

    def __init__(
        self,
        num_classes: int = 1000,
        width_mult: float = 1.0,
        inverted_residual_setting: Sequence[Sequence[int]] | None = None,
        round_nearest: int = 8,
        block: Make | None = None,
        norm_layer: Make | None = None,
        dropout: float = 0.2,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        stages = _STAGES if inverted_residual_setting is None else _setting(inverted_residual_setting)
        self.input_shape = input_shape = large_enough(input_shape, 1)
        width_mult = real(width_mult, "MobileNetV2", "width_mult")
        make = maker(block, InvertedResidual, "block")
        norm = maker(norm_layer, BatchNorm2d, "norm_layer")
        convolution = partial(Conv2dNormActivation, norm_layer=norm, activation_layer=ReLU6)
        channels = _make_divisible(32 * width_mult, round_nearest)
        self.last_channel = _make_divisible(1280 * max(1.0, width_mult), round_nearest)
        layers: list[Module] = [convolution(input_shape[0], channels, 3, 2)]
        for expand_ratio, width, blocks, stride in stages:
            wanted = _make_divisible(width * width_mult, round_nearest)
            for number in range(blocks):
                first = 1 if number else stride
                layers.append(make(channels, wanted, first, expand_ratio=expand_ratio, norm_layer=norm))
                channels = wanted
        self.features = Sequential(*layers, convolution(channels, self.last_channel, 1))
        self.classifier = Sequential(Dropout(dropout), Linear(self.last_channel, num_classes))
        for module in self.modules():
            initialise(module)

    def _forward_impl(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(x.flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self._forward_impl(x)


def _setting(given: Sequence[Sequence[int]]) -> Sequence[Sequence[int]]:
    """Four numbers for each stage."""
    stages = items(given, "MobileNetV2", "inverted_residual_setting")
    if not stages or any(len(stage) != 4 for stage in stages):
        raise ArgumentError(f"inverted_residual_setting should be non-empty or a 4-element list, got {given}")
    return stages


def initialise(module: Module) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d):
        init.kaiming_normal_(module.weight, mode="fan_out")
    elif isinstance(module, Linear):
        init.normal_(module.weight, 0, 0.01)
    if isinstance(module, Conv2d | Linear) and module.bias is not None:
        init.zeros_(module.bias)


class MobileNet_V2_Weights(WeightsEnum):
    """Weights for `mobilenet_v2`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "mobilenet_v2-b0353104", 3_504_872, 71.878, 90.286, "tree/main/references/classification#mobilenetv2"
    )
    IMAGENET1K_V2 = trained_on_imagenet(
        "mobilenet_v2-7ebf99e0", 3_504_872, 72.154, 90.822, "issues/3995#new-recipe-with-reg-tuning", resize_size=232
    )
    DEFAULT = IMAGENET1K_V2


@published(MobileNet_V2_Weights)
def mobilenet_v2(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), **config: Any) -> MobileNetV2:
    """A new MobileNetV2 of full width: 3,504,872 parameters for 1000 classes."""
    return MobileNetV2(num_classes, input_shape=input_shape, **config)
