"""The practice network: three convolutions, three poolings and two linear layers, for images of 32 by 32."""

from __future__ import annotations

from knoll.calls import advised
from knoll.graph import Shape
from knoll.nn import Conv2d, Flatten, Linear, MaxPool2d, Module, Sequential
from knoll.tensor import Tensor
from knoll.vision.models.sizes import large_enough

__all__ = ["Practice", "practice"]


class Practice(Module):
    """The network that learners of convolution build first, for images (n, 3, 32, 32) of `num_classes` classes.

    Images of another `input_shape` (c, h, w) need no more than other sizes of the first convolution and linear layer.
    Its state dict has the keys `model1.0`, `.2`, `.4` (convolutions), `.7` and `.8` (linear layers), as in the course
    of 小土堆. It has 145,578 parameters and makes 12,354,176 multiply-adds for an image. The layers are those of the
    quick model of cuda-convnet, without its activations:
    https://code.google.com/archive/p/cuda-convnet/

    >>> from knoll.vision.models import Practice
    >>> import numpy as np
    >>> tuple(Practice()(np.zeros((2, 3, 32, 32), np.float32)).shape)
    (2, 10)
    """

    input_shape: Shape
    model1: Sequential

    def __init__(self, num_classes: int = 10, input_shape: Shape = (3, 32, 32)) -> None:
        super().__init__()
        self.input_shape = large_enough(input_shape, 8)
        channels, rows, columns = input_shape
        self.model1 = Sequential(
            Conv2d(channels, 32, 5, padding=2),
            MaxPool2d(2),
            Conv2d(32, 32, 5, padding=2),
            MaxPool2d(2),
            Conv2d(32, 64, 5, padding=2),
            MaxPool2d(2),
            Flatten(),
            Linear(64 * (rows // 8) * (columns // 8), 64),
            Linear(64, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w); the softmax of a row gives probabilities."""
        return self.model1(x)


@advised
def practice(num_classes: int = 10, input_shape: Shape = (3, 32, 32)) -> Practice:
    """A new practice network, with the weights that its layers begin with.

    >>> import knoll
    >>> from knoll.vision.models import practice
    >>> practice()(knoll.randn(2, 3, 32, 32)).shape
    (2, 10)
    """
    return Practice(num_classes, input_shape)
