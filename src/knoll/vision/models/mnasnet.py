"""MNASNet: inverted bottlenecks whose windows and depths were found by search for the speed of a telephone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from knoll.errors import ArgumentError, warn
from knoll.graph import Shape
from knoll.nn import BatchNorm2d, Conv2d, Dropout, Linear, Module, ReLU, Sequential, init
from knoll.tensor import Tensor
from knoll.tensor.arguments import real
from knoll.vision.models._utils import _make_divisible
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published

__all__ = [
    "MNASNet",
    "MNASNet0_5_Weights",
    "MNASNet0_75_Weights",
    "MNASNet1_0_Weights",
    "MNASNet1_3_Weights",
    "mnasnet0_5",
    "mnasnet0_75",
    "mnasnet1_0",
    "mnasnet1_3",
]

_BN_MOMENTUM = 1 - 0.9997  # the paper's 0.9997 is the share of the former mean
# The stages of the paper's figure 7: channels, window, stride, times as wide inside, blocks.
_STAGES = (
    (24, 3, 2, 3, 3),
    (40, 5, 2, 3, 3),
    (80, 5, 2, 6, 3),
    (96, 3, 1, 6, 2),
    (192, 5, 2, 6, 4),
    (320, 3, 1, 6, 1),
)


class _InvertedResidual(Module):
    """Makes the channels `expansion_factor` times as many, looks around in each, makes them few, without activation.

    (n, in_ch, h, w) → (n, out_ch, h / stride, w / stride), plus the input where it has that shape.
    Raises ArgumentError.
    """

    apply_residual: bool
    layers: Sequential

    def __init__(
        self, in_ch: int, out_ch: int, kernel_size: int, stride: int, expansion_factor: int, bn_momentum: float = 0.1
    ) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ArgumentError(f"stride should be 1 or 2 instead of {stride}")
        if kernel_size not in (3, 5):
            raise ArgumentError(f"kernel_size should be 3 or 5 instead of {kernel_size}")
        inside = in_ch * expansion_factor
        self.apply_residual = in_ch == out_ch and stride == 1
        self.layers = Sequential(
            Conv2d(in_ch, inside, 1, bias=False),
            BatchNorm2d(inside, momentum=bn_momentum),
            ReLU(inplace=True),
            *_separable(inside, out_ch, kernel_size, stride, bn_momentum),
        )

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The block's result, and the shortcut where it fits."""
        return self.layers(input) + input if self.apply_residual else self.layers(input)


def _separable(channels: int, wanted: int, window: int, stride: int, momentum: float) -> tuple[Module, ...]:
    """A convolution of each channel alone, then one of 1 by 1 over all channels, without activation."""
    return (
        Conv2d(channels, channels, window, stride, window // 2, groups=channels, bias=False),
        BatchNorm2d(channels, momentum=momentum),
        ReLU(inplace=True),
        Conv2d(channels, wanted, 1, bias=False),
        BatchNorm2d(wanted, momentum=momentum),
    )


class MNASNet(Module):
    """MNASNet-B1 for images (n, c, h, w) of any size; made for 224.

    Keys, initial weights and results are torchvision's: `layers.8.0.layers.0.weight`, `classifier.1.bias` and so on.
    `alpha` times as many channels, rounded to multiples of 8; `dropout` is the share of the features which training
    sets to zero. Weights of torchvision's first version, whose first layers had the same width for every `alpha`, are
    loaded into layers of that width. Raises ArgumentError.
    Source: Tan et al., MnasNet: platform-aware neural architecture search for mobile, 2018,
    https://pytorch.org/vision/stable/models/mnasnet.html

    >>> from knoll.vision.models import MNASNet
    >>> net = MNASNet(0.5, num_classes=10)
    >>> net.layers[9][0].layers[3]
    Conv2d(48, 48, kernel_size=(5, 5), stride=(2, 2), padding=(2, 2), groups=48, bias=False)
    """

    _version = 2
    input_shape: Shape
    alpha: float
    num_classes: int
    layers: Sequential
    classifier: Sequential

    def __init__(
        self, alpha: float, num_classes: int = 1000, dropout: float = 0.2, input_shape: Shape = (3, 224, 224)
    ) -> None:
        super().__init__()
        self.alpha = real(alpha, "MNASNet", "alpha")
        if self.alpha <= 0:
            raise ArgumentError(f"alpha should be greater than 0.0 instead of {alpha}")
        self.num_classes = num_classes
        self.input_shape = large_enough(input_shape, 1)
        widths = _get_depths(self.alpha)
        self.layers = Sequential(
            *_first(input_shape[0], widths[0], widths[1]),
            *_stages(widths[1:]),
            Conv2d(widths[-1], 1280, 1, bias=False),
            BatchNorm2d(1280, momentum=_BN_MOMENTUM),
            ReLU(inplace=True),
        )
        self.classifier = Sequential(Dropout(dropout, inplace=True), Linear(1280, num_classes))
        for module in self.modules():
            _initialise(module)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self.classifier(self.layers(x).mean((2, 3)))

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *rest: Any
    ) -> None:
        version = local_metadata.get("version", self._version)
        if version not in (1, 2):
            raise ArgumentError(f"version should be set to 1 or 2 instead of {version}")
        if version == 1 and self.alpha != 1:
            self._become_first_version()
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    def _become_first_version(self) -> None:
        """Give the first layers the width that they had for every `alpha`."""
        stages = _stages([16, _get_depths(self.alpha)[2]])
        for place, layer in enumerate((*_first(self.input_shape[0], 32, 16), *stages)):
            self.layers[place] = layer
        self._version = 1
        warn(
            "A new version of MNASNet model has been implemented. Your checkpoint was saved using the previous "
            "version. This checkpoint will load and work as before, but you may want to upgrade by training a newer "
            "model or transfer learning from an updated ImageNet checkpoint."
        )


def _first(channels: int, width: int, wanted: int) -> tuple[Module, ...]:
    """The layers before the stages."""
    return (
        Conv2d(channels, width, 3, 2, 1, bias=False),
        BatchNorm2d(width, momentum=_BN_MOMENTUM),
        ReLU(inplace=True),
        *_separable(width, wanted, 3, 1, _BN_MOMENTUM),
    )


def _stack(
    in_ch: int, out_ch: int, kernel_size: int, stride: int, exp_factor: int, repeats: int, bn_momentum: float
) -> Sequential:
    """The blocks of a stage, the first of which changes channels and size. Raises ArgumentError."""
    if repeats < 1:
        raise ArgumentError(f"repeats should be >= 1, instead got {repeats}")
    rest = (_InvertedResidual(out_ch, out_ch, kernel_size, 1, exp_factor, bn_momentum) for _ in range(repeats - 1))
    return Sequential(_InvertedResidual(in_ch, out_ch, kernel_size, stride, exp_factor, bn_momentum), *rest)


def _get_depths(alpha: float) -> list[int]:
    """The channels behind the first convolutions and each stage, `alpha` times as many."""
    return [_make_divisible(width * alpha, 8) for width in (32, 16, *(stage[0] for stage in _STAGES))]


def _stages(widths: Sequence[int]) -> Iterator[Sequential]:
    """The stages, of which each has the channels that stand before and at its place."""
    for channels, wanted, (_, window, stride, expansion, blocks) in zip(widths, widths[1:], _STAGES, strict=False):
        yield _stack(channels, wanted, window, stride, expansion, blocks, _BN_MOMENTUM)


def _initialise(module: Module) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d):
        init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, Linear):
        init.kaiming_uniform_(module.weight, mode="fan_out", nonlinearity="sigmoid")
        if module.bias is not None:
            init.zeros_(module.bias)


_RECIPE = "https://github.com/1e100/mnasnet_trainer"


class MNASNet0_5_Weights(WeightsEnum):
    """Weights for `mnasnet0_5`."""

    IMAGENET1K_V1 = trained_on_imagenet("mnasnet0.5_top1_67.823-3ffadce67e", 2_218_512, 67.734, 87.490, _RECIPE)
    DEFAULT = IMAGENET1K_V1


class MNASNet0_75_Weights(WeightsEnum):
    """Weights for `mnasnet0_75`."""

    IMAGENET1K_V1 = trained_on_imagenet("mnasnet0_75-7090bc5f", 3_170_208, 71.180, 90.496, "pull/6019", resize_size=232)
    DEFAULT = IMAGENET1K_V1


class MNASNet1_0_Weights(WeightsEnum):
    """Weights for `mnasnet1_0`."""

    IMAGENET1K_V1 = trained_on_imagenet("mnasnet1.0_top1_73.512-f206786ef8", 4_383_312, 73.456, 91.510, _RECIPE)
    DEFAULT = IMAGENET1K_V1


class MNASNet1_3_Weights(WeightsEnum):
    """Weights for `mnasnet1_3`."""

    IMAGENET1K_V1 = trained_on_imagenet("mnasnet1_3-a4c69d6f", 6_282_256, 76.506, 93.522, "pull/6019", resize_size=232)
    DEFAULT = IMAGENET1K_V1


@published(MNASNet0_5_Weights)
def mnasnet0_5(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.2) -> MNASNet:
    """A new MNASNet of half the width: 2,218,512 parameters for 1000 classes."""
    return MNASNet(0.5, num_classes, dropout, input_shape)


@published(MNASNet0_75_Weights)
def mnasnet0_75(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.2) -> MNASNet:
    """A new MNASNet of three quarters of the width: 3,170,208 parameters for 1000 classes."""
    return MNASNet(0.75, num_classes, dropout, input_shape)


@published(MNASNet1_0_Weights)
def mnasnet1_0(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.2) -> MNASNet:
    """A new MNASNet: 4,383,312 parameters for 1000 classes."""
    return MNASNet(1.0, num_classes, dropout, input_shape)


@published(MNASNet1_3_Weights)
def mnasnet1_3(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.2) -> MNASNet:
    """A new MNASNet 1.3 times as wide: 6,282,256 parameters for 1000 classes."""
    return MNASNet(1.3, num_classes, dropout, input_shape)
