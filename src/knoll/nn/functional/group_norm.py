"""Group normalisation: groups of channels of each sample are brought to mean 0 and variance 1.

Source: Wu and He, Group normalization, 2018, https://arxiv.org/abs/1803.08494.
"""

from __future__ import annotations

import math

from knoll.errors import ArgumentError, ShapeError
from knoll.graph.shapes import size_name
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.layer_norm import by_channel, check_learned_dtypes, standardized
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor import Tensor, recording
from knoll.tensor.arguments import integer

__all__ = ["group_norm"]


def group_norm(
    input: Input, num_groups: int, weight: Input | None = None, bias: Input | None = None, eps: float = 1e-5
) -> Tensor:
    """Group normalisation: each group of channels of a sample gets mean 0 and variance 1; `weight`, `bias` per channel.

    The arguments are those of `knoll.nn.GroupNorm`.

    Shapes: (n, c, …) → the same, weight and bias (c,). Raises ShapeError, ArgumentError, ArgumentTypeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.group_norm(np.array([[[1.0, 3.0], [5.0, 9.0]]]), 2, eps=1e-12)
    tensor([[[-1.0000,  1.0000],
             [-1.0000,  1.0000]]], dtype=float64)
    """
    x = tensor(input, "group_norm")
    groups = integer(num_groups, "group_norm", "num_groups", 2)
    learned = [
        None if given is None else tensor(given, "group_norm", name, place)
        for place, (name, given) in enumerate({"weight": weight, "bias": bias}.items(), 3)
    ]
    _check(x, groups, learned)
    least, (n, c, *rest) = number(eps, "group_norm", "eps", 5), x.shape
    with recording():  # all of it is one kernel
        parts = x.reshape(n, groups, c // groups * math.prod(rest))
        scale, shift = (by_channel(given, x) for given in learned)
        return standardized(parts, x.shape, least, scale, shift)


def _check(x: Tensor, groups: int, learned: list[Tensor | None]) -> None:
    """Refuse what does not fit, in PyTorch's words and order."""
    if x.ndim < 2:
        raise ShapeError(f"Expected at least 2 dimensions for input tensor but received {x.ndim}", got=f"{x.shape}")
    if groups < 1:
        raise ArgumentError(say("nn.too_small", name="num_groups", least=1), got=f"num_groups={groups}")
    n, c, *rest = x.shape
    if n * c // groups * math.prod(rest) == 1:
        size = size_name((n * c // groups, groups, *rest))
        raise ArgumentError(
            f"Expected more than 1 value per channel when training, got input size {size}",
            expected=say("nn.values_per_group"),
        )
    if c % groups:
        raise ShapeError(
            "Expected number of channels in input to be divisible by num_groups, "
            f"but got input of shape {list(x.shape)} and num_groups={groups}"
        )
    for name, given in zip(("weight", "bias"), learned, strict=True):
        if given is not None and given.shape != (c,):
            raise ShapeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, "
                f"but got {name} of shape {list(given.shape)} and input of shape {list(x.shape)}",
                expected=say("nn.channels_second", channels=given.numel()),
            )
    if x.dtype.kind != "f":
        refuse_dtype("GroupNormKernelImpl", x.dtype)
    check_learned_dtypes(x, *learned)
