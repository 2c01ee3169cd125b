"""SegNet: pooling remembers where each largest value stood, and the way back up puts values there again."""

from __future__ import annotations

from knoll.calls import advised
from knoll.graph import Shape
from knoll.nn import BatchNorm2d, Conv2d, MaxPool2d, MaxUnpool2d, Module, ReLU, Sequential
from knoll.tensor import Tensor
from knoll.tensor.arguments import items
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.vgg import VGG11, VGG16, Stages, features

__all__ = ["SegNet", "segnet_vgg11", "segnet_vgg16"]


class SegNet(Module):
    """A class for every pixel: images (n, c, h, w) → scores (n, num_classes, h, w), h and w of any size from 32.

    The encoder is that of a VGG with batch norms, under the same keys (`features.0.weight` and so on), so that it can
    begin with weights of `vgg16_bn`: `segnet.load_state_dict(weights, strict=False)`. The decoder is its mirror image.
    Source: Badrinarayanan, Kendall and Cipolla, SegNet: a deep convolutional encoder-decoder architecture for image
    segmentation, 2015.

    >>> from knoll.vision.models import SegNet
    >>> import numpy as np
    >>> SegNet(((4,), (8,)), num_classes=3)(np.zeros((1, 3, 15, 22), np.float32)).shape
    (1, 3, 15, 22)
    """

    input_shape: Shape
    features: Sequential
    decoder: Sequential

    def __init__(self, stages: Stages = VGG16, num_classes: int = 11, input_shape: Shape = (3, 360, 480)) -> None:
        super().__init__()
        stages = tuple(items(stages, "SegNet", "stages"))
        self.input_shape = large_enough(input_shape, 2 ** len(stages))
        self.features = features(stages, True, input_shape[0], return_indices=True)
        self.decoder = _decoder(stages, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes, h, w) for images (n, c, h, w)."""
        pooled = []  # where the largest values stood, and the size before the pooling, which may be odd
        for layer in self.features:
            if isinstance(layer, MaxPool2d):
                size = x.shape[-2:]
                x, indices = layer(x)
                pooled.append((indices, size))
            else:
                x = layer(x)
        for layer in self.decoder:
            x = layer(x, *pooled.pop()) if isinstance(layer, MaxUnpool2d) else layer(x)
        return x


def _decoder(stages: Stages, num_classes: int) -> Sequential:
    """The stages from the last to the first, each after an unpooling; the last convolution gives the scores."""
    widths = [width for stage in stages for width in stage]
    layers: list[Module] = []
    for stage in reversed(stages):
        layers.append(MaxUnpool2d(2, 2))
        for _ in stage:
            channels = widths.pop()
            wanted = widths[-1] if widths else num_classes
            layers.append(Conv2d(channels, wanted, 3, padding=1))  # knoll: ignore[bias-before-batch-norm]
            layers += [BatchNorm2d(wanted), ReLU(inplace=True)] if widths else []
    return Sequential(*layers)


@advised
def segnet_vgg11(num_classes: int = 11, input_shape: Shape = (3, 360, 480)) -> SegNet:
    """A new SegNet with 8 convolutions down and 8 up."""
    return SegNet(VGG11, num_classes, input_shape)


@advised
def segnet_vgg16(num_classes: int = 11, input_shape: Shape = (3, 360, 480)) -> SegNet:
    """A new SegNet with 13 convolutions down and 13 up, the paper's."""
    return SegNet(VGG16, num_classes, input_shape)
