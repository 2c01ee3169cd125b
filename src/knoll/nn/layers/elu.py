"""Exponential linear units as layers: x above zero, an exponential below."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.elu import check_alpha
from knoll.nn.layers.piecewise import InPlace
from knoll.tensor import Tensor

__all__ = ["CELU", "ELU", "SELU"]


class ELU(InPlace):
    """Exponential linear unit: x above zero, `alpha` · (exp(x) − 1) below, element by element.

    Shapes: any → the same.

    - `alpha`: minus the limit at −∞; 1 makes the slope continuous at zero.
    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.ELU.html;
    Clevert et al., Fast and accurate deep network learning by exponential linear units, 2015.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.ELU()(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.6321,  0.0000,  1.0000], dtype=float64)
    """

    shown: tuple[str, ...] = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.elu(input, self.alpha, self.inplace)


class CELU(InPlace):
    """Continuously differentiable exponential linear unit: x above zero, `alpha` · (exp(x / alpha) − 1) below.

    Shapes: any → the same.

    - `alpha`: minus the limit at −∞, 1 unless given, not 0; the slope at zero is 1 whatever it is.
    - `inplace`: whether the tensor passed in is changed and given back.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.nn.CELU.html;
    Barron, Continuously differentiable exponential linear units, 2017.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.CELU(2.0)(np.array([-2.0, 0.0, 1.0]))
    tensor([-1.2642,  0.0000,  1.0000], dtype=float64)
    """

    shown: tuple[str, ...] = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        check_alpha(alpha)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.celu(input, self.alpha, self.inplace)


class SELU(InPlace):
    """Scaled exponential linear unit: 1.0507 · x above zero, 1.7581 · (exp(x) − 1) below.

    Layers of it keep mean 0 and variance 1 where the weights have mean 0 and variance 1 / inputs.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.SELU.html;
    Klambauer et al., Self-normalizing neural networks, 2017.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.SELU()(np.array([-1.0, 0.0, 1.0]))
    tensor([-1.1113,  0.0000,  1.0507], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.selu(input, self.inplace)
