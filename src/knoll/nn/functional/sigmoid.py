"""The logistic sigmoid and the hyperbolic tangent, element by element; NaN stays."""

from __future__ import annotations

from knoll.nn.functional.arguments import Input, tensor
from knoll.tensor import Tensor

__all__ = ["sigmoid", "tanh"]


def sigmoid(input: Input) -> Tensor:
    """Logistic sigmoid: 1 / (1 + exp(−x)), element by element; between 0 and 1.

    Shapes: any → the same.

    Integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.sigmoid.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.sigmoid(np.array([0.0]))
    tensor([0.5000], dtype=float64)
    """
    return tensor(input, "sigmoid").sigmoid()


def tanh(input: Input) -> Tensor:
    """Hyperbolic tangent, element by element; between −1 and 1.

    Shapes: any → the same.

    Integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.tanh.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.tanh(np.array([0.0]))
    tensor([0.], dtype=float64)
    """
    return tensor(input, "tanh").tanh()
