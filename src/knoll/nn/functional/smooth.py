"""Activations that bend everywhere, and those that bend below zero only, element by element; NaN stays.

With `inplace` the tensor passed in becomes the result. A name that ends in `_` is the same with `inplace=True`.
"""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

from typing import Any

from knoll.errors import StateError
from knoll.nn.functional.arguments import number, tensor
from knoll.nn.functional.piecewise import activate
from knoll.ops import elu as elu_ops
from knoll.ops import self_gated as self_gated_ops
from knoll.ops import softplus as softplus_ops
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor import Tensor
from knoll.tensor.arguments import real
from knoll.tensor.arithmetic import cast, subtract
from knoll.tensor.dtypes import floating


def sigmoid(input: Any) -> Tensor:
    """1 / (1 + exp(−x)); integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.sigmoid.html

    >>> import numpy as np
    >>> sigmoid(np.array([0.0]))
    tensor([0.5000], dtype=float64)
    """
    return tensor(input, "sigmoid").sigmoid()


def tanh(input: Any) -> Tensor:
    """The hyperbolic tangent; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.tanh.html

    >>> import numpy as np
    >>> tanh(np.array([0.0]))
    tensor([0.], dtype=float64)
    """
    return tensor(input, "tanh").tanh()


def silu(input: Any, inplace: bool = False) -> Tensor:
    """x times its sigmoid; 0 at −∞.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.silu.html;
    Elfwing et al., Sigmoid-weighted linear units for neural network function approximation, 2017.

    >>> import numpy as np
    >>> silu(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.2689,  0.0000,  0.7311], dtype=float64)
    """
    return activate(self_gated_ops.silu, tensor(input, "silu"), inplace)


def mish(input: Any, inplace: bool = False) -> Tensor:
    """x · tanh(log(1 + exp x)); 0 at −∞.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.mish.html;
    Misra, Mish: a self regularized non-monotonic activation function, 2019.

    >>> import numpy as np
    >>> mish(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.0000,  0.8651], dtype=float64)
    """
    return activate(self_gated_ops.mish, tensor(input, "mish"), inplace)


def gelu(input: Any, *, approximate: str = "none") -> Tensor:
    """x times the share of a normal distribution below x; 0 at −∞. With `approximate="tanh"` nearly that.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html;
    Hendrycks and Gimpel, Gaussian error linear units, 2016.

    >>> import numpy as np
    >>> gelu(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.0000,  0.8413], dtype=float64)
    """
    check_approximate(approximate)
    return activate(
        self_gated_ops.gelu if approximate == "none" else self_gated_ops.gelu_tanh, tensor(input, "gelu"), False
    )


def check_approximate(approximate: str) -> None:
    """Refuse any other word."""
    if not isinstance(approximate, str) or approximate not in ("none", "tanh"):
        raise StateError("approximate argument must be either none or tanh.", came=f"approximate={approximate!r}")


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where it is positive, else `alpha` · (exp(x) − 1).

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.elu.html;
    Clevert et al., Fast and accurate deep network learning by exponential linear units, 2015.

    >>> import numpy as np
    >>> elu(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.6321,  0.0000,  1.0000], dtype=float64)
    """
    return activate(elu_ops.elu, tensor(input, "elu"), inplace, alpha=number(alpha, "elu", "alpha", 2))


def elu_(input: Any, alpha: float = 1.0) -> Tensor:
    """`elu`, in place."""
    return elu(input, alpha, inplace=True)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where it is positive, else `alpha` · (exp(x / alpha) − 1), so that the slope at zero is 1.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.celu.html;
    Barron, Continuously differentiable exponential linear units, 2017.

    >>> import numpy as np
    >>> celu(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.6321,  0.0000,  1.0000], dtype=float64)
    """
    depth = number(alpha, "celu", "alpha", 2)
    check_alpha(depth)
    return activate(elu_ops.celu, tensor(input, "celu"), inplace, alpha=depth)


def celu_(input: Any, alpha: float = 1.0) -> Tensor:
    """`celu`, in place."""
    return celu(input, alpha, inplace=True)


def check_alpha(alpha: float) -> None:
    """Refuse zero, by which x would be divided."""
    if real(alpha, "celu", "alpha") == 0:
        raise StateError("ZeroDivisionError: alpha cannot be 0 for CELU")


def selu(input: Any, inplace: bool = False) -> Tensor:
    """A scaled `elu` that keeps mean 0 and variance 1 from layer to layer.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.selu.html;
    Klambauer et al., Self-normalizing neural networks, 2017.

    >>> import numpy as np
    >>> selu(np.array([-1.0, 0.0, 1.0]))
    tensor([-1.1113,  0.0000,  1.0507], dtype=float64)
    """
    return activate(elu_ops.selu, tensor(input, "selu"), inplace)


def selu_(input: Any) -> Tensor:
    """`selu`, in place."""
    return selu(input, inplace=True)


def logsigmoid(input: Any) -> Tensor:
    """The logarithm of the sigmoid, without underflow.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html

    >>> import numpy as np
    >>> logsigmoid(np.array([-1000.0, 0.0]))
    tensor([-1.0000e+03, -6.9315e-01], dtype=float64)
    """
    return activate(softplus_ops.log_sigmoid, tensor(input, "log_sigmoid"), False)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta · x)) / beta, and x itself where beta · x is above `threshold`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html

    >>> import numpy as np
    >>> softplus(np.array([-1.0, 0.0, 30.0]))
    tensor([ 0.3133,  0.6931, 30.0000], dtype=float64)
    """
    steepness, bound = number(beta, "softplus", "beta", 2), number(threshold, "softplus", "threshold", 3)
    return activate(softplus_ops.softplus, tensor(input, "softplus"), False, beta=steepness, threshold=bound)


def softsign(input: Any) -> Tensor:
    """x / (1 + |x|), ±1 at ±∞; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html

    >>> import numpy as np
    >>> softsign(np.array([-1.0, 0.0, 3.0]))
    tensor([-0.5000,  0.0000,  0.7500], dtype=float64)
    """
    x = tensor(input, "softsign")
    if x.dtype.kind == "b":
        refuse_dtype("abs_cpu", x.dtype)
    return activate(softplus_ops.softsign, cast(x, floating(x)), False)


def tanhshrink(input: Any) -> Tensor:
    """x − tanh x, exact near zero too; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html

    >>> import numpy as np
    >>> tanhshrink(np.array([0.0, 1.0]))
    tensor([0.0000, 0.2384], dtype=float64)
    """
    x = tensor(input, "tanhshrink")
    if x.dtype.kind == "b":
        subtract(x, x.tanh())  # it says why not
    return activate(softplus_ops.tanhshrink, cast(x, floating(x)), False)
