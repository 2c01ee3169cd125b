"""Self-gated activations: x times a smooth gate of x, element by element; NaN stays.

With `inplace` the tensor passed in becomes the result.
"""

from __future__ import annotations

from knoll.errors import StateError
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.piecewise import activate
from knoll.ops.activation import self_gated as self_gated_ops
from knoll.tensor import Tensor

__all__ = ["gelu", "mish", "silu"]


def silu(input: Input, inplace: bool = False) -> Tensor:
    """Sigmoid linear unit, also called swish: x · sigmoid(x), element by element; 0 at −∞.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.silu.html;
    Elfwing et al., Sigmoid-weighted linear units for neural network function approximation, 2017.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.silu(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.2689,  0.0000,  0.7311], dtype=float64)
    """
    return activate(self_gated_ops.silu, tensor(input, "silu"), inplace)


def mish(input: Input, inplace: bool = False) -> Tensor:
    """Mish: x · tanh(log(1 + exp x)), element by element; 0 at −∞.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.mish.html;
    Misra, Mish: a self regularized non-monotonic activation function, 2019.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.mish(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.0000,  0.8651], dtype=float64)
    """
    return activate(self_gated_ops.mish, tensor(input, "mish"), inplace)


def gelu(input: Input, *, approximate: str = "none") -> Tensor:
    """Gaussian error linear unit: x · Φ(x), where Φ is the distribution function of the standard normal.

    Shapes: any → the same.

    - `approximate`: "none" for Φ itself, or "tanh" for a formula with tanh that differs by less than 0.001.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html;
    Hendrycks and Gimpel, Gaussian error linear units, 2016.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.gelu(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.0000,  0.8413], dtype=float64)
    """
    check_approximate(approximate)
    return activate(
        self_gated_ops.gelu if approximate == "none" else self_gated_ops.gelu_tanh, tensor(input, "gelu"), False
    )


def check_approximate(approximate: str) -> None:
    """Refuse any other word."""
    if not isinstance(approximate, str) or approximate not in ("none", "tanh"):
        raise StateError("approximate argument must be either none or tanh.", got=f"approximate={approximate!r}")
