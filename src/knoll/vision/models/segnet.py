"""SegNet: pooling remembers where each largest value stood, and the way back up puts values there again."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.calls import advised
from knoll.graph import Shape
from knoll.nn import BatchNorm2d, Conv2d, MaxPool2d, MaxUnpool2d, Module, ReLU, Sequential
from knoll.tensor import Tensor
from knoll.tensor.arguments import items
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.vgg import cfgs, make_layers

__all__ = ["SegNet", "segnet_vgg11", "segnet_vgg16"]


class SegNet(Module):
    """A class for every pixel: images (n, c, h, w) → scores (n, num_classes, h, w), h and w of any size from 32.

    The encoder is that of a VGG with batch norms, under the same keys (`features.0.weight` and so on), so that it can
    begin with weights of `vgg16_bn`: `segnet.load_state_dict(weights, strict=False)`. The decoder is its mirror image.
    Source: Badrinarayanan, Kendall and Cipolla, SegNet: a deep convolutional encoder-decoder architecture for image
    segmentation, 2015.

    - `cfg`: the channels of the encoder's convolutions, and "M" for each pooling, the last of which ends it.

    >>> from knoll.vision.models import SegNet
    >>> import numpy as np
    >>> SegNet([4, "M", 8, "M"], num_classes=3)(np.zeros((1, 3, 15, 22), np.float32)).shape
    (1, 3, 15, 22)
    """

    input_shape: Shape
    features: Sequential
    decoder: Sequential

    def __init__(
        self, cfg: Sequence[str | int] = cfgs["D"], num_classes: int = 11, input_shape: Shape = (3, 360, 480)
    ) -> None:
        super().__init__()
        layers = items(cfg, "SegNet", "cfg")
        self.input_shape = large_enough(input_shape, 2 ** layers.count("M"))
        self.features = make_layers(layers, True, input_shape[0], return_indices=True)
        self.decoder = _decoder(layers, num_classes)

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


def _decoder(cfg: Sequence[str | int], num_classes: int) -> Sequential:
    """The encoder's layers from the last to the first; the last convolution gives the scores."""
    widths = [int(each) for each in cfg if each != "M"]
    layers: list[Module] = []
    for each in reversed(cfg):
        if each == "M":
            layers.append(MaxUnpool2d(2, 2))
            continue
        channels = widths.pop()
        wanted = widths[-1] if widths else num_classes
        layers.append(Conv2d(channels, wanted, 3, padding=1))  # knoll: ignore[bias-before-batch-norm]
        layers += [BatchNorm2d(wanted), ReLU(inplace=True)] if widths else []
    return Sequential(*layers)


@advised
def segnet_vgg11(num_classes: int = 11, input_shape: Shape = (3, 360, 480)) -> SegNet:
    """A new SegNet with 8 convolutions down and 8 up."""
    return SegNet(cfgs["A"], num_classes, input_shape)


@advised
def segnet_vgg16(num_classes: int = 11, input_shape: Shape = (3, 360, 480)) -> SegNet:
    """A new SegNet with 13 convolutions down and 13 up, the paper's."""
    return SegNet(cfgs["D"], num_classes, input_shape)
