"""Local response normalisation: each number is divided by what its neighbours among the channels hold.

Source: Krizhevsky et al., ImageNet classification with deep convolutional neural networks, 2012.
"""

from __future__ import annotations

import math

from knoll.errors import ArgumentError
from knoll.graph import Window
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.resample import resampled
from knoll.ops.resample.axes import SAME, Average
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer

__all__ = ["local_response_norm"]


def local_response_norm(input: Input, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """Local response normalisation: x / (k + alpha · mean of x² over `size` neighbouring channels) ^ beta.

    The arguments are those of `knoll.nn.LocalResponseNorm`.

    Shapes: (n, c, …) with three axes or more → the same. Channels beyond the first and the last count as 0.
    Raises ArgumentError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.local_response_norm(np.array([[[1.0], [2.0]]]), 2, alpha=2.0, beta=1.0).tolist()
    [[[0.5], [0.3333333333333333]]]
    """
    x = tensor(input, "local_response_norm")
    if x.ndim < 3:
        raise ArgumentError(
            f"Expected 3D or higher dimensionality                          input (got {x.ndim} dimensions)",
            expected=say("nn.channels_and_axes"),
        )
    count = integer(size, "local_response_norm", "size", 2)
    if count < 1:
        raise ArgumentError(say("nn.too_small", name="size", least=1), got=f"size={count}")
    alpha, beta, k = (
        number(each, "local_response_norm", name, place)
        for place, (name, each) in enumerate({"alpha": alpha, "beta": beta, "k": k}.items(), 3)
    )
    if not x.numel():
        return x
    planes = x.reshape(x.shape[0], 1, x.shape[1], math.prod(x.shape[2:]))
    neighbours = Average(Window(count, before=count // 2, after=(count - 1) // 2))
    means = resampled(planes * planes, neighbours, SAME)
    return (planes / _power(means * alpha + k, beta)).reshape(x.shape)


def _power(x: Tensor, exponent: float) -> Tensor:
    """x to the power of an exponent, by roots for the usual ones: they are machine code."""
    if exponent == 0.75:
        return (x * x.sqrt()).sqrt()
    return x.sqrt() if exponent == 0.5 else x if exponent == 1.0 else x**exponent
