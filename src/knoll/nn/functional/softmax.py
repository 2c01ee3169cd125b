"""Softmax along one axis, softmin, the logarithm of softmax, and softmax with noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import DTypeError, warn
from knoll.graph import Array, Shape
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.ops.dtypes import scalar_name
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, truthy
from knoll.tensor.creation.filled import zeros_like
from knoll.tensor.dtypes import float64
from knoll.tensor.mapped import drawn
from knoll.tensor.random.generator import uniform

__all__ = ["gumbel_softmax", "log_softmax", "softmax", "softmin"]


def softmax(input: Input, dim: int | None = None, _stacklevel: int = 3, dtype: DTypeLike | None = None) -> Tensor:
    """Softmax along one axis: exp(x) divided by its sum along `dim`, so that the results are positive and sum to 1.

    It is computed in `dtype` if that is given. Without `dim` PyTorch guesses an axis, and warns.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.softmax(np.array([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000], dtype=float64)
    """
    x = tensor(input, "softmax")
    return x.softmax(_axis("softmax", x, dim), dtype)


def softmin(input: Input, dim: int | None = None, _stacklevel: int = 3, dtype: DTypeLike | None = None) -> Tensor:
    """Softmin along one axis: the softmax of −x, so that the smallest element has the largest result.

    It is computed in `dtype` if that is given. Without `dim` PyTorch guesses an axis, and warns.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.softmin(np.array([0.0, 1000.0]), dim=0)
    tensor([1., 0.], dtype=float64)
    """
    x = tensor(input, "softmin")
    return (-x).softmax(_axis("softmin", x, dim), dtype)


def log_softmax(input: Input, dim: int | None = None, _stacklevel: int = 3, dtype: DTypeLike | None = None) -> Tensor:
    """Logarithm of the softmax along one axis, computed without overflow.

    It is computed in `dtype` if that is given. Without `dim` PyTorch guesses an axis, and warns.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.log_softmax(np.array([0.0, 1000.0]), dim=0)
    tensor([-1000.,     0.], dtype=float64)
    """
    x = tensor(input, "log_softmax")
    return x.log_softmax(_axis("log_softmax", x, dim), dtype)


def gumbel_softmax(logits: Input, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """Gumbel softmax: a class drawn at random by its scores, through which gradients pass.

    The softmax along `dim` of (`logits` + noise) / tau, where the noise has the Gumbel distribution. The smaller `tau`,
    the nearer the result is to one class alone; with `hard` it is that class, 1 among zeros, and the gradient is that
    of the softmax. `eps` does nothing; PyTorch warns of it.

    Shapes: any → the same. Raises DimensionError, DTypeError, StateError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.gumbel_softmax.html;
    Jang, Gu and Poole, Categorical reparameterization with Gumbel-softmax, 2017.

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.gumbel_softmax(knoll.tensor([100.0, 0.0]), hard=True)
    tensor([1., 0.])
    """
    x = tensor(logits, "empty_like")
    if eps != 1e-10:
        warn("`eps` parameter is deprecated and has no effect.")
    if not x.is_floating_point():
        raise DTypeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but "
            f"you specified {scalar_name(x.dtype)}",
            advice=say("tensor.as_float"),
        )
    tau = number(tau, "gumbel_softmax", "tau", 2)
    noise = drawn(lambda: Tensor._over(_gumbel(x.shape).astype(x.dtype)))
    soft = ((x + noise) / tau).softmax(dim)
    if not truthy(hard, "gumbel_softmax", "hard"):
        return soft
    chosen = soft.max(dim, keepdim=True)[1]
    return zeros_like(soft).scatter(dim, chosen, 1.0) - soft.detach() + soft


def _gumbel(shape: Shape) -> Array:
    """Numbers of the Gumbel distribution, all finite."""
    even = uniform(shape, float64)
    return np.asarray(-np.log(-np.log(np.maximum(even, np.finfo(float64).tiny))))


def _axis(name: str, x: Tensor, dim: Any) -> int:
    """`dim`; without one what PyTorch takes: the axis of the classes in rows and images, not of a single image."""
    if dim is not None:
        return integer(dim, name.replace("softmin", "softmax"), "dim", 1)
    warn(f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.")
    return 0 if len(x.shape) in (0, 1, 3) else 1
