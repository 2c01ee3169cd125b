"""Softplus and its relatives as layers: log-sigmoid, softsign, tanhshrink."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["LogSigmoid", "Softplus", "Softsign", "Tanhshrink"]


class LogSigmoid(Module):
    """Logarithm of the logistic sigmoid: −log(1 + exp(−x)), without overflow or underflow.

    Shapes: any → the same.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.LogSigmoid()(np.array([-2.0, 0.0]))
    tensor([-2.1269, -0.6931], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.logsigmoid(input)


class Softplus(Module):
    """Softplus: log(1 + exp(beta · x)) / beta, a smooth ReLU, element by element.

    Shapes: any → the same.

    - `beta`: how sharp the bend is; 1 unless given.
    - `threshold`: where beta · x is above it, 20 unless given, the result is x itself.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Softplus()(np.array([-1.0, 0.0, 30.0]))
    tensor([ 0.3133,  0.6931, 30.0000], dtype=float64)
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    """Softsign: x / (1 + |x|), element by element; between −1 and 1, which it is at ±∞.

    Shapes: any → the same.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Softsign.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Softsign()(np.array([-1.0, 0.0, 3.0]))
    tensor([-0.5000,  0.0000,  0.7500], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.softsign(input)


class Tanhshrink(Module):
    """Hyperbolic-tangent shrinkage: x − tanh x, element by element, accurate near zero too.

    Shapes: any → the same.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Tanhshrink()(np.array([0.0, 1.0]))
    tensor([0.0000, 0.2384], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.tanhshrink(input)
