"""ResNet: blocks that add what they compute to what they were given, so that depth does no harm."""

from __future__ import annotations

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, ReLU, Sequential, init
from knoll.tensor import Tensor
from knoll.tensor.arguments import integers
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import Weights, WeightsEnum, published

__all__ = [
    "ResNet",
    "ResNet18_Weights",
    "ResNet34_Weights",
    "ResNet50_Weights",
    "ResNet101_Weights",
    "ResNet152_Weights",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
]


class BasicBlock(Module):
    """Two 3 by 3 convolutions beside a shortcut; the first has the stride.

    `downsample` brings the shortcut to the shape of the sum where `stride` or the channels change it.
    """

    expansion = 1  # channels of the result for each of `width`
    conv1: Conv2d
    bn1: BatchNorm2d
    relu: ReLU
    conv2: Conv2d
    bn2: BatchNorm2d

    def __init__(self, channels: int, width: int, stride: int = 1, downsample: Module | None = None) -> None:
        super().__init__()
        self.conv1 = Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = BatchNorm2d(width)
        self.relu = ReLU(inplace=True)
        self.conv2 = Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = BatchNorm2d(width)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w) → (n, width, h / stride, w / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


class Bottleneck(Module):
    """A 3 by 3 convolution between two of 1 by 1, which make the channels few and then many, beside a shortcut.

    The stride is that of the 3 by 3 convolution, not of the first as in the paper: torchvision's "V1.5", which is more
    accurate. `downsample` as in `BasicBlock`.
    """

    expansion = 4
    conv1: Conv2d
    bn1: BatchNorm2d
    conv2: Conv2d
    bn2: BatchNorm2d
    conv3: Conv2d
    bn3: BatchNorm2d
    relu: ReLU

    def __init__(self, channels: int, width: int, stride: int = 1, downsample: Module | None = None) -> None:
        super().__init__()
        self.conv1 = Conv2d(channels, width, 1, bias=False)
        self.bn1 = BatchNorm2d(width)
        self.conv2 = Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = BatchNorm2d(width)
        self.conv3 = Conv2d(width, width * self.expansion, 1, bias=False)
        self.bn3 = BatchNorm2d(width * self.expansion)
        self.relu = ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w) → (n, 4 · width, h / stride, w / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.relu(self.bn3(self.conv3(x)) + shortcut)


class ResNet(Module):
    """A residual network of four stages, for images (n, c, h, w) of any size; made for 224.

    Keys, initial weights and results are torchvision's: `layer1.0.conv1.weight`, `layer2.0.downsample.0.weight`
    and so on. `depths` are the blocks of each stage.
    Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015,
    https://pytorch.org/vision/stable/models/resnet.html

    >>> from knoll.vision.models.resnet import BasicBlock, ResNet
    >>> net = ResNet(BasicBlock, (1, 1, 1, 1), num_classes=10)
    >>> net.layer2[0].downsample[0]
    Conv2d(64, 128, kernel_size=(1, 1), stride=(2, 2), bias=False)
    """

    input_shape: Shape
    conv1: Conv2d
    bn1: BatchNorm2d
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
        depths: tuple[int, int, int, int],
        num_classes: int = 1000,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        if not hasattr(block, "expansion"):
            raise ArgumentTypeError(f"block must be BasicBlock or Bottleneck, not {type(block).__name__}")
        stages = integers(depths, "ResNet", "layers")
        if not isinstance(stages, tuple) or len(stages) != 4:
            raise ArgumentError("layers must be four numbers of blocks", got=f"{depths}")
        self.input_shape = input_shape = large_enough(input_shape, 1)
        self.conv1 = Conv2d(input_shape[0], 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = BatchNorm2d(64)
        self.relu = ReLU(inplace=True)
        self.maxpool = MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _stage(block, 64, 64, stages[0])
        self.layer2 = _stage(block, 64 * block.expansion, 128, stages[1], stride=2)
        self.layer3 = _stage(block, 128 * block.expansion, 256, stages[2], stride=2)
        self.layer4 = _stage(block, 256 * block.expansion, 512, stages[3], stride=2)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(512 * block.expansion, num_classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def _stage(block: type[BasicBlock | Bottleneck], channels: int, width: int, depth: int, stride: int = 1) -> Sequential:
    """`depth` blocks, the first of which changes size and channels."""
    result = width * block.expansion
    downsample = None
    if stride != 1 or channels != result:
        downsample = Sequential(Conv2d(channels, result, 1, stride, bias=False), BatchNorm2d(result))
    return Sequential(block(channels, width, stride, downsample), *(block(result, width) for _ in range(depth - 1)))


def _published(file: str, num_params: int, first: float, fifth: float) -> Weights:
    return trained_on_imagenet(file, num_params, first, fifth, "tree/main/references/classification#resnet")


class ResNet18_Weights(WeightsEnum):
    """Weights for `resnet18`."""

    IMAGENET1K_V1 = _published("resnet18-f37072fd", 11_689_512, 69.758, 89.078)
    DEFAULT = IMAGENET1K_V1


class ResNet34_Weights(WeightsEnum):
    """Weights for `resnet34`."""

    IMAGENET1K_V1 = _published("resnet34-b627a593", 21_797_672, 73.314, 91.420)
    DEFAULT = IMAGENET1K_V1


class ResNet50_Weights(WeightsEnum):
    """Weights for `resnet50`."""

    IMAGENET1K_V1 = _published("resnet50-0676ba61", 25_557_032, 76.130, 92.862)
    IMAGENET1K_V2 = trained_on_imagenet(
        "resnet50-11ad3fa6", 25_557_032, 80.858, 95.434, "issues/3995#issuecomment-1013906621", resize_size=232
    )
    DEFAULT = IMAGENET1K_V2


class ResNet101_Weights(WeightsEnum):
    """Weights for `resnet101`."""

    IMAGENET1K_V1 = _published("resnet101-63fe2227", 44_549_160, 77.374, 93.546)
    IMAGENET1K_V2 = trained_on_imagenet(
        "resnet101-cd907fc2", 44_549_160, 81.886, 95.780, "issues/3995#new-recipe", resize_size=232
    )
    DEFAULT = IMAGENET1K_V2


class ResNet152_Weights(WeightsEnum):
    """Weights for `resnet152`."""

    IMAGENET1K_V1 = _published("resnet152-394f9c45", 60_192_808, 78.312, 94.046)
    IMAGENET1K_V2 = trained_on_imagenet(
        "resnet152-f82ba261", 60_192_808, 82.284, 96.002, "issues/3995#new-recipe", resize_size=232
    )
    DEFAULT = IMAGENET1K_V2


@published(ResNet18_Weights)
def resnet18(num_classes: int = 1000, input_shape: Shape = (3, 224, 224)) -> ResNet:
    """A new ResNet of 17 convolutions: 11,689,512 parameters for 1000 classes."""
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes, input_shape)


@published(ResNet34_Weights)
def resnet34(num_classes: int = 1000, input_shape: Shape = (3, 224, 224)) -> ResNet:
    """A new ResNet of 33 convolutions: 21,797,672 parameters for 1000 classes."""
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes, input_shape)


@published(ResNet50_Weights)
def resnet50(num_classes: int = 1000, input_shape: Shape = (3, 224, 224)) -> ResNet:
    """A new ResNet of 49 convolutions: 25,557,032 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes, input_shape)


@published(ResNet101_Weights)
def resnet101(num_classes: int = 1000, input_shape: Shape = (3, 224, 224)) -> ResNet:
    """A new ResNet of 100 convolutions: 44,549,160 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 4, 23, 3), num_classes, input_shape)


@published(ResNet152_Weights)
def resnet152(num_classes: int = 1000, input_shape: Shape = (3, 224, 224)) -> ResNet:
    """A new ResNet of 151 convolutions: 60,192,808 parameters for 1000 classes."""
    return ResNet(Bottleneck, (3, 8, 36, 3), num_classes, input_shape)
