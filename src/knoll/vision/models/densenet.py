"""DenseNet: every layer of a block sees the channels of all layers before it, and adds a few of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from knoll.graph import Shape
from knoll.nn import AvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, ModuleDict, ReLU, Sequential, init
from knoll.nn import functional as F
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, items, real, truth
from knoll.tensor.shapes.joining import cat
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import Weights, WeightsEnum, published, with_weights

__all__ = [
    "DenseNet",
    "DenseNet121_Weights",
    "DenseNet161_Weights",
    "DenseNet169_Weights",
    "DenseNet201_Weights",
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
]


class DenseNet(Module):
    """A DenseNet for images (n, c, h, w) of 29 rows and columns or more; made for 224.

    Keys, initial weights and results are torchvision's: `features.denseblock1.denselayer1.norm1.weight` and so on.
    Source: Huang et al., Densely connected convolutional networks, 2016,
    https://pytorch.org/vision/stable/models/densenet.html

    - `growth_rate`: channels that each layer adds; `block_config`: layers of each block.
    - `num_init_features`: channels of the first convolution.
    - `bn_size`: the convolution of 1 by 1 in a layer has `bn_size` times `growth_rate` channels.
    - `drop_rate`: the share of the numbers that a layer adds which training sets to zero.
    - `memory_efficient`: nothing changes; a program keeps for its backward pass no more than that needs.

    >>> from knoll.vision.models import DenseNet
    >>> net = DenseNet(8, (2, 2), 16, num_classes=10)
    >>> net.features.transition1.conv
    Conv2d(32, 16, kernel_size=(1, 1), stride=(1, 1), bias=False)
    """

    input_shape: Shape
    features: Sequential
    classifier: Linear

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: Sequence[int] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0.0,
        num_classes: int = 1000,
        memory_efficient: bool = False,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        self.input_shape = large_enough(input_shape, 29)
        self.features = Sequential()
        self.features.conv0 = Conv2d(input_shape[0], num_init_features, 7, 2, 3, bias=False)
        self.features.norm0 = BatchNorm2d(num_init_features)
        self.features.relu0 = ReLU(True)
        self.features.pool0 = MaxPool2d(3, 2, 1)
        channels = integer(num_init_features, "DenseNet", "num_init_features")
        growth_rate = integer(growth_rate, "DenseNet", "growth_rate")
        bn_size = integer(bn_size, "DenseNet", "bn_size")
        for number, each in enumerate(items(block_config, "DenseNet", "block_config"), 1):
            layers = integer(each, "DenseNet", "block_config")
            if number > 1:
                self.features.add_module(f"transition{number - 1}", _Transition(channels, channels // 2))
                channels //= 2
            self.features.add_module(
                f"denseblock{number}",
                _DenseBlock(layers, channels, bn_size, growth_rate, drop_rate, memory_efficient),
            )
            channels += layers * growth_rate
        self.features.norm5 = BatchNorm2d(channels)
        self.classifier = Linear(channels, num_classes)
        for module in self.modules():
            _initialise(module)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        x = F.relu(self.features(x), inplace=True)
        return self.classifier(F.adaptive_avg_pool2d(x, (1, 1)).flatten(1))


class _DenseBlock(ModuleDict):
    """Layers that each see what went into the block and what all layers before them gave."""

    def __init__(
        self,
        num_layers: int,
        num_input_features: int,
        bn_size: int,
        growth_rate: int,
        drop_rate: float,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        for number in range(num_layers):
            seen = num_input_features + number * growth_rate
            self[f"denselayer{number + 1}"] = _DenseLayer(seen, growth_rate, bn_size, drop_rate, memory_efficient)

    def forward(self, init_features: Tensor) -> Tensor:
        """All channels, joined."""
        found = [init_features]
        for layer in self.values():
            found.append(layer(found))
        return cat(found, 1)


class _DenseLayer(Module):
    """A convolution of 1 by 1 and one of 3 by 3, each after a batch norm and an activation."""

    norm1: BatchNorm2d
    relu1: ReLU
    conv1: Conv2d
    norm2: BatchNorm2d
    relu2: ReLU
    conv2: Conv2d

    def __init__(
        self, num_input_features: int, growth_rate: int, bn_size: int, drop_rate: float, memory_efficient: bool = False
    ) -> None:
        super().__init__()
        self.norm1 = BatchNorm2d(num_input_features)
        self.relu1 = ReLU(True)
        self.conv1 = Conv2d(num_input_features, bn_size * growth_rate, 1, bias=False)
        self.norm2 = BatchNorm2d(bn_size * growth_rate)
        self.relu2 = ReLU(True)
        self.conv2 = Conv2d(bn_size * growth_rate, growth_rate, 3, padding=1, bias=False)
        self.drop_rate = real(drop_rate, "DenseNet", "drop_rate")
        self.memory_efficient = truth(memory_efficient, "DenseNet", "memory_efficient")

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        # the published files were written when names could have dots: `norm.1.weight` is `norm1.weight`
        for key in [key for key in state_dict if key.startswith((f"{prefix}norm.", f"{prefix}conv."))]:
            kind, number = key.removeprefix(prefix).split(".", 1)
            state_dict[f"{prefix}{kind}{number}"] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def bn_function(self, inputs: Sequence[Tensor]) -> Tensor:
        """The few channels that the window looks at, of all channels before."""
        return self.conv1(self.relu1(self.norm1(cat(inputs, 1))))

    def forward(self, input: Tensor | Sequence[Tensor]) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The channels that this layer adds to those of one tensor, or of several."""
        inputs = [input] if isinstance(input, Tensor) else input
        x = self.conv2(self.relu2(self.norm2(self.bn_function(inputs))))
        return F.dropout(x, self.drop_rate, self.training) if self.drop_rate else x


class _Transition(Sequential):
    """Fewer channels, and half of the rows and columns."""

    def __init__(self, num_input_features: int, num_output_features: int) -> None:
        super().__init__()
        self.norm = BatchNorm2d(num_input_features)
        self.relu = ReLU(True)
        self.conv = Conv2d(num_input_features, num_output_features, 1, bias=False)
        self.pool = AvgPool2d(2, 2)


def _initialise(module: Module) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d):
        init.kaiming_normal_(module.weight)
    elif isinstance(module, Linear) and module.bias is not None:
        init.zeros_(module.bias)


def _published(file: str, num_params: int, first: float, fifth: float) -> Weights:
    return trained_on_imagenet(file, num_params, first, fifth, "pull/116", least=29)


class DenseNet121_Weights(WeightsEnum):
    """Weights for `densenet121`."""

    IMAGENET1K_V1 = _published("densenet121-a639ec97", 7_978_856, 74.434, 91.972)
    DEFAULT = IMAGENET1K_V1


class DenseNet161_Weights(WeightsEnum):
    """Weights for `densenet161`."""

    IMAGENET1K_V1 = _published("densenet161-8d451a50", 28_681_000, 77.138, 93.560)
    DEFAULT = IMAGENET1K_V1


class DenseNet169_Weights(WeightsEnum):
    """Weights for `densenet169`."""

    IMAGENET1K_V1 = _published("densenet169-b2777c0a", 14_149_480, 75.600, 92.806)
    DEFAULT = IMAGENET1K_V1


class DenseNet201_Weights(WeightsEnum):
    """Weights for `densenet201`."""

    IMAGENET1K_V1 = _published("densenet201-c1103571", 20_013_928, 76.896, 93.370)
    DEFAULT = IMAGENET1K_V1


def _densenet(
    growth_rate: int,
    block_config: Sequence[int],
    num_init_features: int,
    weights: WeightsEnum | None,
    progress: bool,
    **kwargs: Any,
) -> DenseNet:
    """A DenseNet of these sizes, with the weights, if there are any."""
    make = partial(DenseNet, growth_rate, block_config, num_init_features)
    return with_weights(make, weights, progress, **kwargs)


@published(DenseNet121_Weights)
def densenet121(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    bn_size: int = 4,
    drop_rate: float = 0.0,
    memory_efficient: bool = False,
) -> DenseNet:
    """A new DenseNet of 121 layers: 7,978,856 parameters for 1000 classes."""
    return DenseNet(32, (6, 12, 24, 16), 64, bn_size, drop_rate, num_classes, memory_efficient, input_shape)


@published(DenseNet161_Weights)
def densenet161(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    bn_size: int = 4,
    drop_rate: float = 0.0,
    memory_efficient: bool = False,
) -> DenseNet:
    """A new DenseNet of 161 wider layers: 28,681,000 parameters for 1000 classes."""
    return DenseNet(48, (6, 12, 36, 24), 96, bn_size, drop_rate, num_classes, memory_efficient, input_shape)


@published(DenseNet169_Weights)
def densenet169(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    bn_size: int = 4,
    drop_rate: float = 0.0,
    memory_efficient: bool = False,
) -> DenseNet:
    """A new DenseNet of 169 layers: 14,149,480 parameters for 1000 classes."""
    return DenseNet(32, (6, 12, 32, 32), 64, bn_size, drop_rate, num_classes, memory_efficient, input_shape)


@published(DenseNet201_Weights)
def densenet201(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    bn_size: int = 4,
    drop_rate: float = 0.0,
    memory_efficient: bool = False,
) -> DenseNet:
    """A new DenseNet of 201 layers: 20,013,928 parameters for 1000 classes."""
    return DenseNet(32, (6, 12, 48, 32), 64, bn_size, drop_rate, num_classes, memory_efficient, input_shape)
