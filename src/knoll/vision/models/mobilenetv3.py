"""MobileNetV3: inverted bottlenecks found by search, with gates for channels and activations of straight lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.nn import (
    AdaptiveAvgPool2d,
    BatchNorm2d,
    Dropout,
    Hardsigmoid,
    Hardswish,
    Linear,
    Module,
    ReLU,
    Sequential,
)
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, real, truth
from knoll.vision.models._utils import _make_divisible
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.mobilenetv2 import initialise
from knoll.vision.models.settings import block_settings, maker
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published, with_weights
from knoll.vision.ops import Conv2dNormActivation, SqueezeExcitation

__all__ = [
    "MobileNetV3",
    "MobileNet_V3_Large_Weights",
    "MobileNet_V3_Small_Weights",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
]

# The rows of the paper's tables 1 and 2: window, channels inside and behind the block, whether channels are gated,
# activation (RE: ReLU, HS: Hardswish) and stride.
_LARGE = (
    (3, 16, 16, False, "RE", 1),
    (3, 64, 24, False, "RE", 2),
    (3, 72, 24, False, "RE", 1),
    (5, 72, 40, True, "RE", 2),
    (5, 120, 40, True, "RE", 1),
    (5, 120, 40, True, "RE", 1),
    (3, 240, 80, False, "HS", 2),
    (3, 200, 80, False, "HS", 1),
    (3, 184, 80, False, "HS", 1),
    (3, 184, 80, False, "HS", 1),
    (3, 480, 112, True, "HS", 1),
    (3, 672, 112, True, "HS", 1),
    (5, 672, 160, True, "HS", 2),
    (5, 960, 160, True, "HS", 1),
    (5, 960, 160, True, "HS", 1),
)
_SMALL = (
    (3, 16, 16, True, "RE", 2),
    (3, 72, 24, False, "RE", 2),
    (3, 88, 24, False, "RE", 1),
    (5, 96, 40, True, "HS", 2),
    (5, 240, 40, True, "HS", 1),
    (5, 240, 40, True, "HS", 1),
    (5, 120, 48, True, "HS", 1),
    (5, 144, 48, True, "HS", 1),
    (5, 288, 96, True, "HS", 2),
    (5, 576, 96, True, "HS", 1),
    (5, 576, 96, True, "HS", 1),
)

_NETWORKS = {"mobilenet_v3_large": (_LARGE, 1280), "mobilenet_v3_small": (_SMALL, 1024)}


class InvertedResidualConfig:
    """The sizes of an inverted bottleneck: a row of the paper's tables 1 and 2, its channels times `width_mult`.

    `activation` is "HS" for Hardswish or "RE" for ReLU; `use_se` says whether channels are gated.

    >>> from knoll.vision.models.mobilenetv3 import InvertedResidualConfig
    >>> InvertedResidualConfig(16, 3, 64, 24, False, "RE", 2, 1, width_mult=0.5).out_channels
    16
    """

    input_channels: int
    expanded_channels: int
    out_channels: int
    use_hs: bool

    def __init__(
        self,
        input_channels: int,
        kernel: int,
        expanded_channels: int,
        out_channels: int,
        use_se: bool,
        activation: str,
        stride: int,
        dilation: int,
        width_mult: float,
    ) -> None:
        self.input_channels = self.adjust_channels(input_channels, width_mult)
        self.kernel = kernel
        self.expanded_channels = self.adjust_channels(expanded_channels, width_mult)
        self.out_channels = self.adjust_channels(out_channels, width_mult)
        self.use_se = use_se
        self.use_hs = activation == "HS"
        self.stride = stride
        self.dilation = dilation

    @staticmethod
    def adjust_channels(channels: int, width_mult: float) -> int:
        """`width_mult` times as many channels, rounded to a multiple of 8."""
        channels = integer(channels, "InvertedResidualConfig", "channels")
        return _make_divisible(channels * real(width_mult, "InvertedResidualConfig", "width_mult"), 8)


_gate = partial(SqueezeExcitation, scale_activation=Hardsigmoid)


class InvertedResidual(Module):
    """Makes the channels many, looks around in each, gates them and makes them few, without activation.

    (n, input_channels, h, w) → (n, out_channels, h / stride, w / stride), plus the input where it has that shape.
    Raises ArgumentError.
    """

    use_res_connect: bool
    block: Sequential
    out_channels: int

    def __init__(
        self,
        cnf: InvertedResidualConfig,
        norm_layer: Callable[..., Module],
        se_layer: Callable[..., Module] = _gate,
    ) -> None:
        super().__init__()
        if not 1 <= cnf.stride <= 2:
            raise ArgumentError("illegal stride value", expected="1, 2", got=f"stride={cnf.stride}")
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        inside = cnf.expanded_channels
        convolution = partial(
            Conv2dNormActivation, norm_layer=norm_layer, activation_layer=Hardswish if cnf.use_hs else ReLU
        )
        layers: list[Module] = []
        if inside != cnf.input_channels:
            layers.append(convolution(cnf.input_channels, inside, 1))
        stride = 1 if cnf.dilation > 1 else cnf.stride  # a window with gaps sees as far on images that stay large
        layers.append(convolution(inside, inside, cnf.kernel, stride, dilation=cnf.dilation, groups=inside))
        if cnf.use_se:
            layers.append(se_layer(inside, _make_divisible(inside // 4, 8)))
        layers.append(convolution(inside, cnf.out_channels, 1, activation_layer=None))
        self.block = Sequential(*layers)
        self.out_channels = cnf.out_channels

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The block's result, and the shortcut where it fits."""
        return self.block(input) + input if self.use_res_connect else self.block(input)


class MobileNetV3(Module):
    """MobileNetV3 for images (n, c, h, w) of any size; made for 224.

    Keys, initial weights and results are torchvision's: `features.1.block.0.0.weight`, `classifier.3.bias` and so on.
    Raises ArgumentError, ArgumentTypeError.
    Source: Howard et al., Searching for MobileNetV3, 2019, https://pytorch.org/vision/stable/models/mobilenetv3.html

    - `inverted_residual_setting`: an `InvertedResidualConfig` for each block.
    - `last_channel`: the features that the classifier makes of the images before it decides.
    - `block`: what makes a block of an `InvertedResidualConfig` and a normalisation; without it `InvertedResidual`.
    - `norm_layer`: what makes a normalisation of a number of channels; without it batch norm with eps 0.001.
    - `dropout`: the share of the features which training sets to zero.

    >>> from knoll.vision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
    >>> net = MobileNetV3([InvertedResidualConfig(16, 3, 32, 16, True, "HS", 1, 1, 1.0)], 64, num_classes=10)
    >>> net.features[1].block[1][0]
    Conv2d(32, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=32, bias=False)
    """

    input_shape: Shape
    features: Sequential
    avgpool: AdaptiveAvgPool2d
    classifier: Sequential

    def __init__(
        self,
        inverted_residual_setting: Sequence[InvertedResidualConfig],
        last_channel: int,
        num_classes: int = 1000,
        block: Callable[..., Module] | None = None,
        norm_layer: Callable[..., Module] | None = None,
        dropout: float = 0.2,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        name, called = "inverted_residual_setting", "List[InvertedResidualConfig]"
        blocks = block_settings(inverted_residual_setting, InvertedResidualConfig, name, called)
        self.input_shape = large_enough(input_shape, 1)
        norm = maker(norm_layer, partial(BatchNorm2d, eps=0.001, momentum=0.01), "norm_layer")
        make = maker(block, InvertedResidual, "block")
        convolution = partial(Conv2dNormActivation, norm_layer=norm, activation_layer=Hardswish)
        channels = blocks[-1].out_channels
        self.features = Sequential(
            convolution(input_shape[0], blocks[0].input_channels, 3, 2),
            *(make(each, norm) for each in blocks),
            convolution(channels, 6 * channels, 1),
        )
        self.avgpool = AdaptiveAvgPool2d(1)
        self.classifier = Sequential(
            Linear(6 * channels, last_channel),
            Hardswish(inplace=True),
            Dropout(dropout, inplace=True),
            Linear(last_channel, num_classes),
        )
        for module in self.modules():
            initialise(module)

    def _forward_impl(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self._forward_impl(x)


def _mobilenet_v3_conf(
    arch: str, width_mult: float = 1.0, reduced_tail: bool = False, dilated: bool = False, **_: Any
) -> tuple[list[InvertedResidualConfig], int]:
    """The blocks of "mobilenet_v3_large" or "mobilenet_v3_small", and the features before the classifier decides.

    `reduced_tail` halves the channels of the last stage, `dilated` keeps its images large. Raises ArgumentError.
    """
    if arch not in _NETWORKS:
        raise ArgumentError(f"Unsupported model type {arch}", expected=", ".join(_NETWORKS))
    rows, features = _NETWORKS[arch]
    last = len(rows) - 3  # the last stage has three blocks
    reduced_tail = truth(reduced_tail, "MobileNetV3", "reduced_tail")
    dilated = truth(dilated, "MobileNetV3", "dilated")
    blocks, channels = list[InvertedResidualConfig](), 16
    for place, (kernel, inside, wanted, use_se, activation, stride) in enumerate(rows):
        halved, dilation = 1 + (reduced_tail and place >= last), 1 + (dilated and place >= last)
        inside, wanted = inside // (halved if place > last else 1), wanted // halved
        sizes = (channels, kernel, inside, wanted, use_se, activation, stride, dilation, width_mult)
        blocks.append(InvertedResidualConfig(*sizes))
        channels = wanted
    return blocks, InvertedResidualConfig.adjust_channels(features // (1 + reduced_tail), width_mult)


def _mobilenet_v3(
    inverted_residual_setting: Sequence[InvertedResidualConfig],
    last_channel: int,
    weights: WeightsEnum | None,
    progress: bool,
    **kwargs: Any,
) -> MobileNetV3:
    """A MobileNetV3 of these blocks, with the weights, if there are any."""
    return with_weights(partial(MobileNetV3, inverted_residual_setting, last_channel), weights, progress, **kwargs)


_RECIPE = "tree/main/references/classification#mobilenetv3-large--small"


class MobileNet_V3_Large_Weights(WeightsEnum):
    """Weights for `mobilenet_v3_large`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "mobilenet_v3_large-8738ca79",
        5_483_032,
        74.042,
        91.340,
        _RECIPE,
    )
    IMAGENET1K_V2 = trained_on_imagenet(
        "mobilenet_v3_large-5c1a4163",
        5_483_032,
        75.274,
        92.566,
        "issues/3995#new-recipe-with-reg-tuning",
        resize_size=232,
    )
    DEFAULT = IMAGENET1K_V2


class MobileNet_V3_Small_Weights(WeightsEnum):
    """Weights for `mobilenet_v3_small`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "mobilenet_v3_small-047dcff4",
        2_542_856,
        67.668,
        87.402,
        _RECIPE,
    )
    DEFAULT = IMAGENET1K_V1


@published(MobileNet_V3_Large_Weights)
def mobilenet_v3_large(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    *,
    width_mult: float = 1.0,
    reduced_tail: bool = False,
    dilated: bool = False,
    **config: Any,
) -> MobileNetV3:
    """A new MobileNetV3 of 15 blocks: 5,483,032 parameters for 1000 classes.

    `width_mult` times as many channels; `reduced_tail` halves those of the last stage, and `dilated` gives its windows
    gaps in place of the stride, so that its images stay larger. Other arguments are those of `MobileNetV3`.
    """
    setting = _mobilenet_v3_conf("mobilenet_v3_large", width_mult, reduced_tail, dilated)
    return MobileNetV3(*setting, num_classes, input_shape=input_shape, **config)


@published(MobileNet_V3_Small_Weights)
def mobilenet_v3_small(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    *,
    width_mult: float = 1.0,
    reduced_tail: bool = False,
    dilated: bool = False,
    **config: Any,
) -> MobileNetV3:
    """A new MobileNetV3 of 11 blocks: 2,542,856 parameters for 1000 classes. For arguments see `mobilenet_v3_large`."""
    setting = _mobilenet_v3_conf("mobilenet_v3_small", width_mult, reduced_tail, dilated)
    return MobileNetV3(*setting, num_classes, input_shape=input_shape, **config)
