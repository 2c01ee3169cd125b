"""The gated linear unit."""

from __future__ import annotations

from knoll.errors import ShapeError
from knoll.nn.functional.arguments import Input, tensor
from knoll.ops.activation.glu import glu as glu_op
from knoll.ops.reduction.reduce import normalised
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import integer

__all__ = ["glu"]


def glu(input: Input, dim: int = -1) -> Tensor:
    """Gated linear unit: the first half along `dim`, times the sigmoid of the second half.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.glu.html;
    Dauphin et al., Language modeling with gated convolutional networks, 2017.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.glu(np.array([1.0, 2.0, 0.0, 0.0]))
    tensor([0.5000, 1.0000], dtype=float64)
    """
    x = tensor(input, "glu")
    if not x.shape:
        raise ShapeError("glu does not support scalars because halving size must be even")
    axis = normalised((integer(dim, "glu", "dim", 2),), len(x.shape))[0]
    return apply(glu_op, x, axis=axis)[0]
