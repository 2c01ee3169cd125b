"""The logistic sigmoid and the hyperbolic tangent as layers."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["Sigmoid", "Tanh"]


class Sigmoid(Module):
    """Logistic sigmoid: 1 / (1 + exp(−x)), element by element; between 0 and 1.

    Shapes: any → the same.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Sigmoid()(np.array([0.0]))
    tensor([0.5000], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.sigmoid(input)


class Tanh(Module):
    """Hyperbolic tangent, element by element; between −1 and 1.

    Shapes: any → the same.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Tanh()(np.array([0.0]))
    tensor([0.], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.tanh(input)
