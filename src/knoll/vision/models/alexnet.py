"""AlexNet: five convolutions, the first with a window of 11 by 11, three poolings that overlap, three linear layers."""

from __future__ import annotations

from knoll.graph import Shape
from knoll.nn import AdaptiveAvgPool2d, Conv2d, Dropout, Linear, MaxPool2d, Module, ReLU, Sequential
from knoll.tensor import Tensor
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published

__all__ = ["AlexNet", "AlexNet_Weights", "alexnet"]

# Channels, window, stride and padding of each convolution, and whether a pooling follows.
_CONVOLUTIONS = (
    (64, 11, 4, 2, True),
    (192, 5, 1, 2, True),
    (384, 3, 1, 1, False),
    (256, 3, 1, 1, False),
    (256, 3, 1, 1, True),
)


class AlexNet(Module):
    """AlexNet for images (n, c, h, w) of 63 rows and columns or more; made for 224.

    Keys, initial weights and results are torchvision's: `features.0.weight`, `classifier.6.bias` and so on; that is the
    network of the later paper, on one device and without local response normalisation.
    `dropout` is the share of the numbers before the first two linear layers that training sets to zero.
    Source: Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014,
    https://pytorch.org/vision/stable/models/alexnet.html

    >>> from knoll.vision.models import AlexNet
    >>> AlexNet(10).features[0]
    Conv2d(3, 64, kernel_size=(11, 11), stride=(4, 4), padding=(2, 2))
    """

    input_shape: Shape
    features: Sequential
    avgpool: AdaptiveAvgPool2d
    classifier: Sequential

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5, input_shape: Shape = (3, 224, 224)) -> None:
        super().__init__()
        self.input_shape = large_enough(input_shape, 63)
        channels, layers = input_shape[0], list[Module]()
        for width, window, stride, padding, pooled in _CONVOLUTIONS:
            layers += [Conv2d(channels, width, window, stride, padding), ReLU(True)]
            layers += [MaxPool2d(3, 2)] if pooled else []
            channels = width
        self.features = Sequential(*layers)
        self.avgpool = AdaptiveAvgPool2d((6, 6))
        self.classifier = Sequential(
            Dropout(dropout),
            Linear(channels * 6 * 6, 4096),
            ReLU(inplace=True),
            Dropout(dropout),
            Linear(4096, 4096),
            ReLU(inplace=True),
            Linear(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class AlexNet_Weights(WeightsEnum):
    """Weights for `alexnet`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "alexnet-owt-7be5be79",
        61_100_840,
        56.522,
        79.066,
        "tree/main/references/classification#alexnet-and-vgg",
        least=63,
    )
    DEFAULT = IMAGENET1K_V1


@published(AlexNet_Weights)
def alexnet(num_classes: int = 1000, input_shape: Shape = (3, 224, 224), dropout: float = 0.5) -> AlexNet:
    """A new AlexNet: 61,100,840 parameters for 1000 classes."""
    return AlexNet(num_classes, dropout, input_shape)
