"""GoogLeNet, the first Inception: windows of several sizes side by side, and two more classifiers in training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, Dropout, Linear, MaxPool2d, Module, Sequential
from knoll.nn import functional as F
from knoll.tensor import Tensor
from knoll.tensor.arguments import truth
from knoll.tensor.shapes.joining import cat
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.inception_parts import BasicConv2d, initialise, normalised_by_half
from knoll.vision.models.settings import makers
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published

__all__ = ["GoogLeNet", "GoogLeNetOutputs", "GoogLeNet_Weights", "googlenet"]

Make = Callable[..., Module]


class GoogLeNetOutputs(NamedTuple):
    """The scores (n, num_classes) that a GoogLeNet in training gives, and those of its two other classifiers."""

    logits: Tensor
    aux_logits2: Tensor | None
    aux_logits1: Tensor | None


class Inception(Module):
    """Four branches, whose channels are joined: windows of 1, 3 and 3 by 3, and what a max pooling finds.

    (n, in_channels, h, w) → (n, ch1x1 + ch3x3 + ch5x5 + pool_proj, h, w). The third window is 5 by 5 in the paper; the
    published weights have 3 by 3.
    """

    branch1: Module
    branch2: Sequential
    branch3: Sequential
    branch4: Sequential

    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3red: int,
        ch3x3: int,
        ch5x5red: int,
        ch5x5: int,
        pool_proj: int,
        conv_block: Make | None = None,
    ) -> None:
        super().__init__()
        conv = BasicConv2d if conv_block is None else conv_block
        self.branch1 = conv(in_channels, ch1x1, kernel_size=1)
        self.branch2 = Sequential(
            conv(in_channels, ch3x3red, kernel_size=1), conv(ch3x3red, ch3x3, kernel_size=3, padding=1)
        )
        self.branch3 = Sequential(
            conv(in_channels, ch5x5red, kernel_size=1), conv(ch5x5red, ch5x5, kernel_size=3, padding=1)
        )
        self.branch4 = Sequential(MaxPool2d(3, 1, 1, ceil_mode=True), conv(in_channels, pool_proj, kernel_size=1))

    def _forward(self, x: Tensor) -> list[Tensor]:
        return [self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)]

    def forward(self, x: Tensor) -> Tensor:
        """The joined channels of all branches."""
        return cat(self._forward(x), 1)


class InceptionAux(Module):
    """A classifier of what stands in the middle: scores (n, num_classes) for (n, in_channels, h, w)."""

    conv: Module
    fc1: Linear
    fc2: Linear
    dropout: Dropout

    def __init__(
        self, in_channels: int, num_classes: int, conv_block: Make | None = None, dropout: float = 0.7
    ) -> None:
        super().__init__()
        self.conv = (BasicConv2d if conv_block is None else conv_block)(in_channels, 128, kernel_size=1)
        self.fc1 = Linear(128 * 4 * 4, 1024)
        self.fc2 = Linear(1024, num_classes)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """The scores."""
        x = self.conv(F.adaptive_avg_pool2d(x, (4, 4))).flatten(1)
        return self.fc2(self.dropout(F.relu(self.fc1(x), inplace=True)))


class GoogLeNet(Module):
    """GoogLeNet for images (n, c, h, w) of 15 rows and columns or more; made for 224.

    Keys, initial weights and results are torchvision's: `inception3a.branch2.1.conv.weight`, `fc.bias` and so on.
    Raises ArgumentError.
    Source: Szegedy et al., Going deeper with convolutions, 2014,
    https://pytorch.org/vision/stable/models/googlenet.html

    - `aux_logits`: whether training has two more classifiers; the network then gives `GoogLeNetOutputs`.
    - `transform_input`: whether images normalised by ImageNet's statistics are normalised by 0.5 first.
    - `init_weights`: False leaves the initial weights of its layers; a truncated normal distribution otherwise.
    - `blocks`: what makes a convolution, an Inception block and a classifier.
    - `dropout`, `dropout_aux`: the share of features before each classifier which training sets to zero.

    >>> import knoll
    >>> from knoll.vision.models import GoogLeNet
    >>> net = GoogLeNet(10, input_shape=(3, 32, 32))
    >>> net(knoll.zeros(2, 3, 32, 32)).aux_logits1.shape, net.eval()(knoll.zeros(1, 3, 32, 32)).shape
    ((2, 10), (1, 10))
    """

    input_shape: Shape
    aux_logits: bool
    transform_input: bool
    aux1: Module | None
    aux2: Module | None
    avgpool: AdaptiveAvgPool2d
    dropout: Dropout
    fc: Linear
    conv1: Module
    maxpool1: MaxPool2d
    conv2: Module
    conv3: Module
    maxpool2: MaxPool2d
    inception3a: Module
    inception3b: Module
    maxpool3: MaxPool2d
    inception4a: Module
    inception4b: Module
    inception4c: Module
    inception4d: Module
    inception4e: Module
    maxpool4: MaxPool2d
    inception5a: Module
    inception5b: Module

    def __init__(
        self,
        num_classes: int = 1000,
        aux_logits: bool = True,
        transform_input: bool = False,
        init_weights: bool | None = None,
        blocks: Sequence[Make] | None = None,
        dropout: float = 0.2,
        dropout_aux: float = 0.7,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        usual = (BasicConv2d, Inception, InceptionAux)
        conv, inception, classifier = makers(blocks, usual, "blocks length", "blocks")
        self.input_shape = large_enough(input_shape, 15)
        self.aux_logits = truth(aux_logits, "GoogLeNet", "aux_logits")
        self.transform_input = truth(transform_input, "GoogLeNet", "transform_input")
        self.conv1 = conv(input_shape[0], 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = conv(64, 64, kernel_size=1)
        self.conv3 = conv(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = MaxPool2d(3, 2, ceil_mode=True)
        self.inception3a = inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = inception(256, 128, 128, 192, 32, 96, 64)
        self.maxpool3 = MaxPool2d(3, 2, ceil_mode=True)
        self.inception4a = inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = MaxPool2d(2, 2, ceil_mode=True)
        self.inception5a = inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = inception(832, 384, 192, 384, 48, 128, 128)
        self.aux1 = classifier(512, num_classes, dropout=dropout_aux) if aux_logits else None
        self.aux2 = classifier(528, num_classes, dropout=dropout_aux) if aux_logits else None
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.dropout = Dropout(dropout)
        self.fc = Linear(1024, num_classes)
        if init_weights is None or truth(init_weights, "GoogLeNet", "init_weights"):
            for module in self.modules():
                initialise(module, 0.01)

    def _transform_input(self, x: Tensor) -> Tensor:
        return normalised_by_half(x) if self.transform_input else x

    def _forward(self, x: Tensor) -> tuple[Tensor, Tensor | None, Tensor | None]:
        x = self.maxpool2(self.conv3(self.conv2(self.maxpool1(self.conv1(x)))))
        x = self.inception4a(self.maxpool3(self.inception3b(self.inception3a(x))))
        first = self.aux1(x) if self.training and self.aux1 is not None else None
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        second = self.aux2(x) if self.training and self.aux2 is not None else None
        x = self.inception5b(self.inception5a(self.maxpool4(self.inception4e(x))))
        return self.fc(self.dropout(self.avgpool(x).flatten(1))), second, first

    def eager_outputs(self, x: Tensor, aux2: Tensor | None, aux1: Tensor | None) -> Tensor | GoogLeNetOutputs:
        """The scores; in training, where `aux_logits` says so, those of all classifiers."""
        return GoogLeNetOutputs(x, aux2, aux1) if self.training and self.aux_logits else x

    def forward(self, x: Tensor) -> Tensor | GoogLeNetOutputs:
        """Scores (n, num_classes) for images (n, c, h, w); in training those of all classifiers."""
        x, second, first = self._forward(self._transform_input(x))
        return self.eager_outputs(x, second, first)


class GoogLeNet_Weights(WeightsEnum):
    """Weights for `googlenet`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "googlenet-1378be20", 6_624_904, 69.778, 89.530, "tree/main/references/classification#googlenet", least=15
    )
    DEFAULT = IMAGENET1K_V1


@published(GoogLeNet_Weights, parts="aux", aux_logits=False, transform_input=True, init_weights=False)
def googlenet(
    num_classes: int = 1000,
    input_shape: Shape = (3, 224, 224),
    aux_logits: bool = True,
    transform_input: bool = False,
    init_weights: bool | None = None,
    dropout: float = 0.2,
    dropout_aux: float = 0.7,
    blocks: Sequence[Make] | None = None,
) -> GoogLeNet:
    """A new GoogLeNet: 13,004,888 parameters for 1000 classes, 6,624,904 without the two other classifiers."""
    return GoogLeNet(num_classes, aux_logits, transform_input, init_weights, blocks, dropout, dropout_aux, input_shape)
