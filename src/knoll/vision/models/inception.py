"""Inception v3: windows in factors, as 1 by 7 behind 7 by 1, side by side, and one more classifier in training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, Dropout, Linear, MaxPool2d, Module
from knoll.nn import functional as F
from knoll.tensor import Tensor
from knoll.tensor.arguments import truth
from knoll.tensor.shapes.joining import cat
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.inception_parts import BasicConv2d, initialise, normalised_by_half
from knoll.vision.models.settings import makers
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published

__all__ = ["Inception3", "InceptionOutputs", "Inception_V3_Weights", "inception_v3"]

Make = Callable[..., Module]
# Windows of one row or one column, which keep the size.
_ROW3, _COLUMN3 = {"kernel_size": (1, 3), "padding": (0, 1)}, {"kernel_size": (3, 1), "padding": (1, 0)}
_ROW7, _COLUMN7 = {"kernel_size": (1, 7), "padding": (0, 3)}, {"kernel_size": (7, 1), "padding": (3, 0)}


class InceptionOutputs(NamedTuple):
    """The scores (n, num_classes) that an Inception3 in training gives, and those of its other classifier."""

    logits: Tensor
    aux_logits: Tensor | None


class InceptionA(Module):
    """Windows of 1, 5 and twice 3 by 3, and means: (n, in_channels, h, w) → (n, 224 + pool_features, h, w)."""

    branch1x1: Module
    branch5x5_1: Module
    branch5x5_2: Module
    branch3x3dbl_1: Module
    branch3x3dbl_2: Module
    branch3x3dbl_3: Module
    branch_pool: Module

    def __init__(self, in_channels: int, pool_features: int, conv_block: Make | None = None) -> None:
        super().__init__()
        conv = BasicConv2d if conv_block is None else conv_block
        self.branch1x1 = conv(in_channels, 64, kernel_size=1)
        self.branch5x5_1 = conv(in_channels, 48, kernel_size=1)
        self.branch5x5_2 = conv(48, 64, kernel_size=5, padding=2)
        self.branch3x3dbl_1 = conv(in_channels, 64, kernel_size=1)
        self.branch3x3dbl_2 = conv(64, 96, kernel_size=3, padding=1)
        self.branch3x3dbl_3 = conv(96, 96, kernel_size=3, padding=1)
        self.branch_pool = conv(in_channels, pool_features, kernel_size=1)

    def _forward(self, x: Tensor) -> list[Tensor]:
        one = self.branch1x1(x)
        five = self.branch5x5_2(self.branch5x5_1(x))
        three = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return [one, five, three, self.branch_pool(_means(x))]

    def forward(self, x: Tensor) -> Tensor:
        """The joined channels of all branches."""
        return cat(self._forward(x), 1)


class InceptionB(Module):
    """Windows of 3 and twice 3 by 3, and maxima: (n, in_channels, h, w) → (n, 480 + in_channels, h / 2, w / 2)."""

    branch3x3: Module
    branch3x3dbl_1: Module
    branch3x3dbl_2: Module
    branch3x3dbl_3: Module

    def __init__(self, in_channels: int, conv_block: Make | None = None) -> None:
        super().__init__()
        conv = BasicConv2d if conv_block is None else conv_block
        self.branch3x3 = conv(in_channels, 384, kernel_size=3, stride=2)
        self.branch3x3dbl_1 = conv(in_channels, 64, kernel_size=1)
        self.branch3x3dbl_2 = conv(64, 96, kernel_size=3, padding=1)
        self.branch3x3dbl_3 = conv(96, 96, kernel_size=3, stride=2)

    def _forward(self, x: Tensor) -> list[Tensor]:
        once = self.branch3x3(x)
        twice = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return [once, twice, F.max_pool2d(x, 3, 2)]

    def forward(self, x: Tensor) -> Tensor:
        """The joined channels of all branches."""
        return cat(self._forward(x), 1)


class InceptionC(Module):
    """Windows of 1 and, in factors, 7 and twice 7 by 7, and means: (n, in_channels, h, w) → (n, 768, h, w)."""

    branch1x1: Module
    branch7x7_1: Module
    branch7x7_2: Module
    branch7x7_3: Module
    branch7x7dbl_1: Module
    branch7x7dbl_2: Module
    branch7x7dbl_3: Module
    branch7x7dbl_4: Module
    branch7x7dbl_5: Module
    branch_pool: Module

    def __init__(self, in_channels: int, channels_7x7: int, conv_block: Make | None = None) -> None:
        super().__init__()
        conv: Make = BasicConv2d if conv_block is None else conv_block
        self.branch1x1 = conv(in_channels, 192, kernel_size=1)
        self.branch7x7_1 = conv(in_channels, channels_7x7, kernel_size=1)
        self.branch7x7_2 = conv(channels_7x7, channels_7x7, **_ROW7)
        self.branch7x7_3 = conv(channels_7x7, 192, **_COLUMN7)
        self.branch7x7dbl_1 = conv(in_channels, channels_7x7, kernel_size=1)
        self.branch7x7dbl_2 = conv(channels_7x7, channels_7x7, **_COLUMN7)
        self.branch7x7dbl_3 = conv(channels_7x7, channels_7x7, **_ROW7)
        self.branch7x7dbl_4 = conv(channels_7x7, channels_7x7, **_COLUMN7)
        self.branch7x7dbl_5 = conv(channels_7x7, 192, **_ROW7)
        self.branch_pool = conv(in_channels, 192, kernel_size=1)

    def _forward(self, x: Tensor) -> list[Tensor]:
        one = self.branch1x1(x)
        seven = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        twice = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        twice = self.branch7x7dbl_5(self.branch7x7dbl_4(twice))
        return [one, seven, twice, self.branch_pool(_means(x))]

    def forward(self, x: Tensor) -> Tensor:
        """The joined channels of all branches."""
        return cat(self._forward(x), 1)


class InceptionD(Module):
    """Windows of 3 and, in factors, 7 by 7, and maxima.

    (n, in_channels, h, w) → (n, 512 + in_channels, h / 2, w / 2).
    """

    branch3x3_1: Module
    branch3x3_2: Module
    branch7x7x3_1: Module
    branch7x7x3_2: Module
    branch7x7x3_3: Module
    branch7x7x3_4: Module

    def __init__(self, in_channels: int, conv_block: Make | None = None) -> None:
        super().__init__()
        conv: Make = BasicConv2d if conv_block is None else conv_block
        self.branch3x3_1 = conv(in_channels, 192, kernel_size=1)
        self.branch3x3_2 = conv(192, 320, kernel_size=3, stride=2)
        self.branch7x7x3_1 = conv(in_channels, 192, kernel_size=1)
        self.branch7x7x3_2 = conv(192, 192, **_ROW7)
        self.branch7x7x3_3 = conv(192, 192, **_COLUMN7)
        self.branch7x7x3_4 = conv(192, 192, kernel_size=3, stride=2)

    def _forward(self, x: Tensor) -> list[Tensor]:
        three = self.branch3x3_2(self.branch3x3_1(x))
        seven = self.branch7x7x3_4(self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x))))
        return [three, seven, F.max_pool2d(x, 3, 2)]

    def forward(self, x: Tensor) -> Tensor:
        """The joined channels of all branches."""
        return cat(self._forward(x), 1)


class InceptionE(Module):
    """Windows of 1 and, rows beside columns, 3 and twice 3 by 3, and means.

    (n, in_channels, h, w) → (n, 2048, h, w).
    """

    branch1x1: Module
    branch3x3_1: Module
    branch3x3_2a: Module
    branch3x3_2b: Module
    branch3x3dbl_1: Module
    branch3x3dbl_2: Module
    branch3x3dbl_3a: Module
    branch3x3dbl_3b: Module
    branch_pool: Module

    def __init__(self, in_channels: int, conv_block: Make | None = None) -> None:
        super().__init__()
        conv: Make = BasicConv2d if conv_block is None else conv_block
        self.branch1x1 = conv(in_channels, 320, kernel_size=1)
        self.branch3x3_1 = conv(in_channels, 384, kernel_size=1)
        self.branch3x3_2a = conv(384, 384, **_ROW3)
        self.branch3x3_2b = conv(384, 384, **_COLUMN3)
        self.branch3x3dbl_1 = conv(in_channels, 448, kernel_size=1)
        self.branch3x3dbl_2 = conv(448, 384, kernel_size=3, padding=1)
        self.branch3x3dbl_3a = conv(384, 384, **_ROW3)
        self.branch3x3dbl_3b = conv(384, 384, **_COLUMN3)
        self.branch_pool = conv(in_channels, 192, kernel_size=1)

    def _forward(self, x: Tensor) -> list[Tensor]:
        one = self.branch1x1(x)
        once = self.branch3x3_1(x)
        once = cat([self.branch3x3_2a(once), self.branch3x3_2b(once)], 1)
        twice = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        twice = cat([self.branch3x3dbl_3a(twice), self.branch3x3dbl_3b(twice)], 1)
        return [one, once, twice, self.branch_pool(_means(x))]

    def forward(self, x: Tensor) -> Tensor:
        """The joined channels of all branches."""
        return cat(self._forward(x), 1)


class InceptionAux(Module):
    """A classifier of what stands in the middle: scores (n, num_classes) for (n, in_channels, h, w)."""

    conv0: Module
    conv1: Module
    fc: Linear

    def __init__(self, in_channels: int, num_classes: int, conv_block: Make | None = None) -> None:
        super().__init__()
        conv = BasicConv2d if conv_block is None else conv_block
        self.conv0 = conv(in_channels, 128, kernel_size=1)
        self.conv1 = conv(128, 768, kernel_size=5)
        self.fc = Linear(768, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """The scores."""
        x = self.conv1(self.conv0(F.avg_pool2d(x, 5, 3)))
        return self.fc(F.adaptive_avg_pool2d(x, (1, 1)).flatten(1))


class Inception3(Module):
    """Inception v3 for images (n, c, h, w) of 75 rows and columns or more; made for 299.

    Keys, initial weights and results are torchvision's: `Mixed_5b.branch1x1.conv.weight`, `fc.bias` and so on.
    Raises ArgumentError.
    Source: Szegedy et al., Rethinking the Inception architecture for computer vision, 2015,
    https://pytorch.org/vision/stable/models/inception.html

    - `aux_logits`: whether training has one more classifier; the network then gives `InceptionOutputs`.
    - `transform_input`: whether images normalised by ImageNet's statistics are normalised by 0.5 first.
    - `inception_blocks`: what makes a convolution, the five kinds of block and a classifier.
    - `init_weights`: False leaves the initial weights of its layers; a truncated normal distribution otherwise.
    - `dropout`: the share of the features which training sets to zero.

    >>> from knoll.vision.models import Inception3
    >>> net = Inception3(10, aux_logits=False)
    >>> net.Mixed_6b.branch7x7_2.conv
    Conv2d(128, 128, kernel_size=(1, 7), stride=(1, 1), padding=(0, 3), bias=False)
    """

    input_shape: Shape
    aux_logits: bool
    transform_input: bool
    AuxLogits: Module | None
    avgpool: AdaptiveAvgPool2d
    dropout: Dropout
    fc: Linear
    Conv2d_1a_3x3: Module
    Conv2d_2a_3x3: Module
    Conv2d_2b_3x3: Module
    maxpool1: MaxPool2d
    Conv2d_3b_1x1: Module
    Conv2d_4a_3x3: Module
    maxpool2: MaxPool2d
    Mixed_5b: Module
    Mixed_5c: Module
    Mixed_5d: Module
    Mixed_6a: Module
    Mixed_6b: Module
    Mixed_6c: Module
    Mixed_6d: Module
    Mixed_6e: Module
    Mixed_7a: Module
    Mixed_7b: Module
    Mixed_7c: Module

    def __init__(
        self,
        num_classes: int = 1000,
        aux_logits: bool = True,
        transform_input: bool = False,
        inception_blocks: Sequence[Make] | None = None,
        init_weights: bool | None = None,
        dropout: float = 0.5,
        input_shape: Shape = (3, 299, 299),
    ) -> None:
        super().__init__()
        usual = (BasicConv2d, InceptionA, InceptionB, InceptionC, InceptionD, InceptionE, InceptionAux)
        made = makers(inception_blocks, usual, "length of inception_blocks", "inception_blocks")
        conv, block_a, block_b, block_c, block_d, block_e, classifier = made
        self.input_shape = large_enough(input_shape, 75)
        self.aux_logits = truth(aux_logits, "Inception3", "aux_logits")
        self.transform_input = truth(transform_input, "Inception3", "transform_input")
        self.Conv2d_1a_3x3 = conv(input_shape[0], 32, kernel_size=3, stride=2)
        self.Conv2d_2a_3x3 = conv(32, 32, kernel_size=3)
        self.Conv2d_2b_3x3 = conv(32, 64, kernel_size=3, padding=1)
        self.maxpool1 = MaxPool2d(3, 2)
        self.Conv2d_3b_1x1 = conv(64, 80, kernel_size=1)
        self.Conv2d_4a_3x3 = conv(80, 192, kernel_size=3)
        self.maxpool2 = MaxPool2d(3, 2)
        self.Mixed_5b = block_a(192, pool_features=32)
        self.Mixed_5c = block_a(256, pool_features=64)
        self.Mixed_5d = block_a(288, pool_features=64)
        self.Mixed_6a = block_b(288)
        self.Mixed_6b = block_c(768, channels_7x7=128)
        self.Mixed_6c = block_c(768, channels_7x7=160)
        self.Mixed_6d = block_c(768, channels_7x7=160)
        self.Mixed_6e = block_c(768, channels_7x7=192)
        self.AuxLogits = classifier(768, num_classes) if aux_logits else None
        self.Mixed_7a = block_d(768)
        self.Mixed_7b = block_e(1280)
        self.Mixed_7c = block_e(2048)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.dropout = Dropout(dropout)
        self.fc = Linear(2048, num_classes)
        if init_weights is None or truth(init_weights, "Inception3", "init_weights"):
            for name, module in self.named_modules():
                initialise(module, 0.001 if name == "AuxLogits.fc" else 0.1)

    def _transform_input(self, x: Tensor) -> Tensor:
        return normalised_by_half(x) if self.transform_input else x

    def _forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        x = self.maxpool1(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))))
        x = self.maxpool2(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)))
        x = self.Mixed_6a(self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(x))))
        x = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(x))))
        other = self.AuxLogits(x) if self.training and self.AuxLogits is not None else None
        x = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))
        return self.fc(self.dropout(self.avgpool(x)).flatten(1)), other

    def eager_outputs(self, x: Tensor, aux: Tensor | None) -> Tensor | InceptionOutputs:
        """The scores; in training, where `aux_logits` says so, those of both classifiers."""
        return InceptionOutputs(x, aux) if self.training and self.aux_logits else x

    def forward(self, x: Tensor) -> Tensor | InceptionOutputs:
        """Scores (n, num_classes) for images (n, c, h, w); in training those of both classifiers."""
        x, other = self._forward(self._transform_input(x))
        return self.eager_outputs(x, other)


def _means(x: Tensor) -> Tensor:
    """The mean of each window of 3 by 3."""
    return F.avg_pool2d(x, 3, 1, 1)


class Inception_V3_Weights(WeightsEnum):
    """Weights for `inception_v3`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "inception_v3_google-0cc3c7bd",
        27_161_264,
        77.294,
        93.450,
        "tree/main/references/classification#inception-v3",
        least=75,
        crop_size=299,
        resize_size=342,
    )
    DEFAULT = IMAGENET1K_V1


@published(Inception_V3_Weights, parts="AuxLogits", transform_input=True, init_weights=False)
def inception_v3(
    num_classes: int = 1000,
    input_shape: Shape = (3, 299, 299),
    aux_logits: bool = True,
    transform_input: bool = False,
    init_weights: bool | None = None,
    dropout: float = 0.5,
    inception_blocks: Sequence[Make] | None = None,
) -> Inception3:
    """A new Inception v3: 27,161,264 parameters for 1000 classes."""
    return Inception3(num_classes, aux_logits, transform_input, inception_blocks, init_weights, dropout, input_shape)
