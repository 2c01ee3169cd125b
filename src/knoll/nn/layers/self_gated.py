"""Self-gated activations as layers: x times a smooth gate of x."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.self_gated import check_approximate
from knoll.nn.layers.piecewise import InPlace
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["GELU", "Mish", "SiLU"]


class SiLU(InPlace):
    """Sigmoid linear unit, also called swish: x · sigmoid(x), element by element; 0 at −∞.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html;
    Elfwing et al., Sigmoid-weighted linear units for neural network function approximation, 2017.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.SiLU()(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.2689,  0.0000,  0.7311], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.silu(input, self.inplace)


class Mish(InPlace):
    """Mish: x · tanh(log(1 + exp x)), element by element; 0 at −∞.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Mish.html;
    Misra, Mish: a self regularized non-monotonic activation function, 2019.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Mish()(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.0000,  0.8651], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.mish(input, self.inplace)


class GELU(Module):
    """Gaussian error linear unit: x · Φ(x), where Φ is the distribution function of the standard normal.

    Shapes: any → the same.

    - `approximate`: "none" for Φ itself, or "tanh" for a formula with tanh that differs by less than 0.001.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.nn.GELU.html;
    Hendrycks and Gimpel, Gaussian error linear units, 2016.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.GELU()(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.0000,  0.8413], dtype=float64)
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        check_approximate(approximate)
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """The approximation."""
        return f"approximate={self.approximate!r}"
