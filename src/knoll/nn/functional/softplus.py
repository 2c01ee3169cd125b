"""Softplus and its relatives (log-sigmoid, softsign, tanhshrink), element by element; NaN stays."""

from __future__ import annotations

from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.piecewise import activate
from knoll.ops.activation import softplus as softplus_ops
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor import Tensor
from knoll.tensor.dtypes import floating
from knoll.tensor.elementwise.arithmetic import cast, subtract

__all__ = ["logsigmoid", "softplus", "softsign", "tanhshrink"]


def logsigmoid(input: Input) -> Tensor:
    """Logarithm of the logistic sigmoid: −log(1 + exp(−x)), without overflow or underflow.

    Shapes: any → the same.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.logsigmoid(np.array([-1000.0, 0.0]))
    tensor([-1.0000e+03, -6.9315e-01], dtype=float64)
    """
    return activate(softplus_ops.log_sigmoid, tensor(input, "log_sigmoid"), False)


def softplus(input: Input, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Softplus: log(1 + exp(beta · x)) / beta, a smooth ReLU, element by element.

    Shapes: any → the same.

    - `beta`: how sharp the bend is; 1 unless given.
    - `threshold`: where beta · x is above it, 20 unless given, the result is x itself.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.softplus(np.array([-1.0, 0.0, 30.0]))
    tensor([ 0.3133,  0.6931, 30.0000], dtype=float64)
    """
    steepness, bound = number(beta, "softplus", "beta", 2), number(threshold, "softplus", "threshold", 3)
    return activate(softplus_ops.softplus, tensor(input, "softplus"), False, beta=steepness, threshold=bound)


def softsign(input: Input) -> Tensor:
    """Softsign: x / (1 + |x|), element by element; between −1 and 1, which it is at ±∞.

    Shapes: any → the same.

    Integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.softsign(np.array([-1.0, 0.0, 3.0]))
    tensor([-0.5000,  0.0000,  0.7500], dtype=float64)
    """
    x = tensor(input, "softsign")
    if x.dtype.kind == "b":
        refuse_dtype("abs_cpu", x.dtype)
    return activate(softplus_ops.softsign, cast(x, floating(x)), False)


def tanhshrink(input: Input) -> Tensor:
    """Hyperbolic-tangent shrinkage: x − tanh x, element by element, accurate near zero too.

    Shapes: any → the same.

    Integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.tanhshrink(np.array([0.0, 1.0]))
    tensor([0.0000, 0.2384], dtype=float64)
    """
    x = tensor(input, "tanhshrink")
    if x.dtype.kind == "b":
        subtract(x, x.tanh())  # it says why not
    return activate(softplus_ops.tanhshrink, cast(x, floating(x)), False)
