"""MobileNetV2: blocks that are wide inside and narrow between, with shortcuts from narrow to narrow."""

from __future__ import annotations

from functools import partial

from knoll.graph import Shape
from knoll.nn import BatchNorm2d, Conv2d, Dropout, Linear, Module, ReLU6, Sequential, init
from knoll.nn import functional as F
from knoll.tensor import Tensor
from knoll.tensor.arguments import real
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.sizes import large_enough, make_divisible
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

_convolution = partial(Conv2dNormActivation, activation_layer=ReLU6)


class InvertedResidual(Module):
    """Makes the channels `expansion` times as many, looks around in each, makes them `wanted`, without activation.

    (n, channels, h, w) → (n, wanted, h / stride, w / stride), plus the input where it has that shape.
    """

    use_res_connect: bool
    conv: Sequential

    def __init__(self, channels: int, wanted: int, stride: int, expansion: int) -> None:
        super().__init__()
        self.use_res_connect = stride == 1 and channels == wanted
        inside = channels * expansion
        self.conv = Sequential(
            *([] if expansion == 1 else [_convolution(channels, inside, 1)]),
            _convolution(inside, inside, 3, stride, groups=inside),
            Conv2d(inside, wanted, 1, bias=False),
            BatchNorm2d(wanted),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The block's result, and the shortcut where it fits."""
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(Module):
    """MobileNetV2 for images (n, c, h, w) of any size; made for 224.

    Keys, initial weights and results are torchvision's: `features.1.conv.0.0.weight`, `classifier.1.bias` and so on.
    `width_mult` times as many channels in every layer, rounded to multiples of 8.
    Source: Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, 2018,
    https://pytorch.org/vision/stable/models/mobilenetv2.html

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
        input_shape: Shape = (3, 224, 224),
        width_mult: float = 1.0,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.input_shape = input_shape = large_enough(input_shape, 1)
        width_mult = real(width_mult, "MobileNetV2", "width_mult")
        channels = make_divisible(32 * width_mult, 8)
        last = make_divisible(1280 * max(1.0, width_mult), 8)
        layers: list[Module] = [_convolution(input_shape[0], channels, 3, 2)]
        for expansion, width, blocks, stride in _STAGES:
            wanted = make_divisible(width * width_mult, 8)
            for number in range(blocks):
                layers.append(InvertedResidual(channels, wanted, 1 if number else stride, expansion))
                channels = wanted
        self.features = Sequential(*layers, _convolution(channels, last, 1))
        self.last_channel = last
        self.classifier = Sequential(Dropout(dropout), Linear(last, num_classes))
        for module in self.modules():
            _initialise(module)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(x.flatten(1))


def _initialise(module: Module) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d):
        init.kaiming_normal_(module.weight, mode="fan_out")
    elif isinstance(module, Linear) and module.bias is not None:
        init.normal_(module.weight, 0, 0.01)
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
def mobilenet_v2(num_classes: int = 1000, input_shape: Shape = (3, 224, 224)) -> MobileNetV2:
    """A new MobileNetV2 of full width: 3,504,872 parameters for 1000 classes."""
    return MobileNetV2(num_classes, input_shape)
