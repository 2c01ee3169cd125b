"""Exponential linear units: x above zero, an exponential below, element by element; NaN stays.

With `inplace` the tensor passed in becomes the result. A name that ends in `_` is the same with `inplace=True`.
"""

from __future__ import annotations

from knoll.errors import StateError
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.piecewise import activate
from knoll.ops.activation import elu as elu_ops
from knoll.tensor import Tensor
from knoll.tensor.arguments import real

__all__ = ["celu", "celu_", "elu", "elu_", "selu", "selu_"]


def elu(input: Input, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Exponential linear unit: x above zero, `alpha` · (exp(x) − 1) below, element by element.

    Shapes: any → the same.

    - `alpha`: minus the limit at −∞; 1 makes the slope continuous at zero.
    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.elu.html;
    Clevert et al., Fast and accurate deep network learning by exponential linear units, 2015.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.elu(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.6321,  0.0000,  1.0000], dtype=float64)
    """
    return activate(elu_ops.elu, tensor(input, "elu"), inplace, alpha=number(alpha, "elu", "alpha", 2))


def elu_(input: Input, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit in place: `elu` with `inplace=True`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.elu_.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.elu_(knoll.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])
    """
    return elu(input, alpha, inplace=True)


def celu(input: Input, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Continuously differentiable exponential linear unit: x above zero, `alpha` · (exp(x / alpha) − 1) below.

    Shapes: any → the same.

    - `alpha`: minus the limit at −∞, 1 unless given, not 0; the slope at zero is 1 whatever it is.
    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.celu.html;
    Barron, Continuously differentiable exponential linear units, 2017.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.celu(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.6321,  0.0000,  1.0000], dtype=float64)
    """
    depth = number(alpha, "celu", "alpha", 2)
    check_alpha(depth)
    return activate(elu_ops.celu, tensor(input, "celu"), inplace, alpha=depth)


def celu_(input: Input, alpha: float = 1.0) -> Tensor:
    """Continuously differentiable exponential linear unit in place: `celu` with `inplace=True`.

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.celu_(knoll.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])
    """
    return celu(input, alpha, inplace=True)


def check_alpha(alpha: float) -> None:
    """Refuse zero, by which x would be divided."""
    if real(alpha, "celu", "alpha") == 0:
        raise StateError("ZeroDivisionError: alpha cannot be 0 for CELU")


def selu(input: Input, inplace: bool = False) -> Tensor:
    """Scaled exponential linear unit: 1.0507 · x above zero, 1.7581 · (exp(x) − 1) below.

    Layers of it keep mean 0 and variance 1 where the weights have mean 0 and variance 1 / inputs.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.selu.html;
    Klambauer et al., Self-normalizing neural networks, 2017.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.selu(np.array([-1.0, 0.0, 1.0]))
    tensor([-1.1113,  0.0000,  1.0507], dtype=float64)
    """
    return activate(elu_ops.selu, tensor(input, "selu"), inplace)


def selu_(input: Input) -> Tensor:
    """Scaled exponential linear unit in place: `selu` with `inplace=True`.

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.selu_(knoll.tensor([-1.0, 2.0]))
    tensor([-1.1113,  2.1014])
    """
    return selu(input, inplace=True)
