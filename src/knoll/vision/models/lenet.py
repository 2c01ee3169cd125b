"""LeNet-5: two convolutions that learn to read digits, the pattern of all that followed."""

from __future__ import annotations

from knoll.calls import advised
from knoll.graph import Shape
from knoll.nn import AvgPool2d, Conv2d, Flatten, Linear, Module, Sequential, Tanh
from knoll.tensor import Tensor
from knoll.vision.models.sizes import large_enough

__all__ = ["LeNet", "lenet"]


class LeNet(Module):
    """LeNet-5 for images (n, 1, 32, 32), or (n, c, h, w) of another `input_shape` (c, h, w) with 16 rows or more.

    The paper's pooling learns a factor and an offset for each map, its third layer leaves connections out, and its
    last compares with drawn characters; as everywhere today, pooling is the plain mean, all is connected, and the last
    layer gives scores. With one channel and ten classes it has 61,706 parameters.
    Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.

    >>> from knoll.vision.models import LeNet
    >>> import numpy as np
    >>> LeNet()(np.zeros((2, 1, 32, 32), np.float32)).shape
    (2, 10)
    """

    input_shape: Shape
    features: Sequential
    classifier: Sequential

    def __init__(self, num_classes: int = 10, input_shape: Shape = (1, 32, 32)) -> None:
        super().__init__()
        self.input_shape = large_enough(input_shape, 16)
        channels, rows, columns = input_shape
        self.features = Sequential(
            Conv2d(channels, 6, 5),
            Tanh(),
            AvgPool2d(2),
            Conv2d(6, 16, 5),
            Tanh(),
            AvgPool2d(2),
        )
        self.classifier = Sequential(
            Flatten(),
            Linear(16 * _left(rows) * _left(columns), 120),
            Tanh(),
            Linear(120, 84),
            Tanh(),
            Linear(84, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self.classifier(self.features(x))


def _left(size: int) -> int:
    """How many of `size` rows two convolutions of 5 by 5 and two poolings leave."""
    return ((size - 4) // 2 - 4) // 2


@advised
def lenet(num_classes: int = 10, input_shape: Shape = (1, 32, 32)) -> LeNet:
    """A new LeNet-5, with the weights that its layers begin with.

    >>> import knoll
    >>> from knoll.vision.models import lenet
    >>> lenet()(knoll.randn(2, 1, 32, 32)).shape
    (2, 10)
    """
    return LeNet(num_classes, input_shape)
