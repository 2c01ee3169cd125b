"""U-Net: down to see what is there, up to say where, with a bridge at each height."""

from __future__ import annotations

from knoll.calls import advised
from knoll.graph import Shape
from knoll.nn import BatchNorm2d, Conv2d, ConvTranspose2d, MaxPool2d, Module, ModuleList, ReLU, Sequential
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer
from knoll.tensor.shapes.joining import cat
from knoll.vision.models.sizes import large_enough

__all__ = ["UNet", "unet"]


class UNet(Module):
    """A class for every pixel: images (n, c, h, w) → scores (n, num_classes, h, w), h and w of any size from 16.

    `width` is the number of channels at full height; each of the four levels below has twice as many. Unlike the
    paper's, the convolutions are padded, so that nothing is cropped, and have batch norms. It has 31,037,633 parameters
    for 3 channels and one class, 7,763,041 with `width` 32.
    Source: Ronneberger, Fischer and Brox, U-Net: convolutional networks for biomedical image segmentation, 2015.

    >>> from knoll.vision.models import UNet
    >>> import numpy as np
    >>> UNet(3, width=4)(np.zeros((1, 3, 33, 45), np.float32)).shape
    (1, 3, 33, 45)
    """

    input_shape: Shape
    down: ModuleList
    pool: MaxPool2d
    up: ModuleList
    merge: ModuleList
    last: Conv2d

    def __init__(self, num_classes: int = 2, input_shape: Shape = (3, 256, 256), width: int = 64) -> None:
        super().__init__()
        self.input_shape = large_enough(input_shape, 16)
        widths = [integer(width, "UNet", "width") << level for level in range(5)]
        self.down = ModuleList(
            _twice(channels, wanted) for channels, wanted in zip([input_shape[0], *widths], widths, strict=False)
        )
        self.pool = MaxPool2d(2)
        self.up = ModuleList(ConvTranspose2d(2 * wanted, wanted, 2, stride=2) for wanted in widths[3::-1])
        self.merge = ModuleList(_twice(2 * wanted, wanted) for wanted in widths[3::-1])
        self.last = Conv2d(width, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes, h, w) for images (n, c, h, w)."""
        bridges = []
        for level in self.down[:-1]:
            bridges.append(level(x))
            x = self.pool(bridges[-1])
        x = self.down[-1](x)
        for up, merge, bridge in zip(self.up, self.merge, reversed(bridges), strict=True):
            x = up(x, output_size=bridge.shape[-2:])  # odd sizes lost their last row in the pooling
            x = merge(cat((bridge, x), dim=1))
        return self.last(x)


def _twice(channels: int, wanted: int) -> Sequential:
    """Two 3 by 3 convolutions that keep the size, each with batch norm and activation."""
    return Sequential(
        Conv2d(channels, wanted, 3, padding=1, bias=False),
        BatchNorm2d(wanted),
        ReLU(inplace=True),
        Conv2d(wanted, wanted, 3, padding=1, bias=False),
        BatchNorm2d(wanted),
        ReLU(inplace=True),
    )


@advised
def unet(num_classes: int = 2, input_shape: Shape = (3, 256, 256)) -> UNet:
    """A new U-Net, with the weights that its layers begin with."""
    return UNet(num_classes, input_shape)
