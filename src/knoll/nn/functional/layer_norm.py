"""Layer normalisation: each sample, or each position of it, is brought to mean 0 and variance 1 by itself.

Sources: Ba et al., Layer normalization, 2016, https://arxiv.org/abs/1607.06450; Zhang and Sennrich, Root mean square
layer normalization, 2019, https://arxiv.org/abs/1910.07467.
"""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from knoll.errors import ArgumentTypeError, DTypeError, ShapeError
from knoll.graph import Shape
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.sizes import integers
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor import Tensor, recording
from knoll.tensor.dtypes import float16, float32

__all__ = ["layer_norm", "rms_norm"]


def layer_norm(
    input: Input,
    normalized_shape: Sequence[int],
    weight: Input | None = None,
    bias: Input | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Layer normalisation: mean 0 and variance 1 over the last axes, then scaled by `weight` and shifted by `bias`.

    The arguments are those of `knoll.nn.LayerNorm`.

    Shapes: (…, *normalized_shape) → the same; weight and bias have `normalized_shape`. The variance divides by the
    number of elements. Raises ShapeError, ArgumentTypeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.layer_norm(np.array([[1.0, 3.0]]), (2,), eps=1e-12)
    tensor([[-1.0000,  1.0000]], dtype=float64)
    """
    x, sizes = _last_axes(input, normalized_shape, "layer_norm")
    scale = _learned(sizes, weight, "weight", 3, "layer_norm")
    shift = _learned(sizes, bias, "bias", 4, "layer_norm")
    _check_sizes(x, sizes, "*, ")
    if x.dtype.kind != "f":
        refuse_dtype("LayerNormKernelImpl", x.dtype)
    check_learned_dtypes(x, scale, shift)
    least = number(eps, "layer_norm", "eps", 5)
    with recording():  # all of it is one kernel
        y = standardized(_in_one_axis(x, len(sizes)), least).reshape(x.shape)
        y = y if scale is None else y * scale
        return y if shift is None else y + shift


def rms_norm(
    input: Input, normalized_shape: Sequence[int], weight: Input | None = None, eps: float | None = None
) -> Tensor:
    """Root mean square normalisation: x / √(mean of x² over the last axes + eps), then scaled by `weight`.

    The arguments are those of `knoll.nn.RMSNorm`.

    Shapes: (…, *normalized_shape) → the same. `eps` is the distance from 1 to the next number of the element type
    unless given. Raises ShapeError, ArgumentTypeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.rms_norm(np.array([[1.0, 7.0]]), (2,))
    tensor([[0.2000, 1.4000]], dtype=float64)
    """
    x, sizes = _last_axes(input, normalized_shape, "rms_norm")
    scale = _learned(sizes, weight, "weight", 3, "rms_norm")
    _check_sizes(x, sizes, "*")
    if x.dtype.kind != "f":
        refuse_dtype("rms_norm", x.dtype)
    with recording():  # all of it is one kernel
        rows = _in_one_axis(x, len(sizes))
        wide = wide_enough(rows)
        least = float(np.finfo(wide.dtype).eps) if eps is None else number(eps, "rms_norm", "eps", 4)
        y: Tensor = wide / ((wide * wide).mean(-1, keepdim=True) + least).sqrt()
        y = y if wide is rows else y.to(x.dtype)
        y = y.reshape(x.shape)
        return y if scale is None else y * scale


def standardized(x: Tensor, eps: float) -> Tensor:
    """x with mean 0 and variance 1 over the last axis: (x − mean) / √(variance + eps)."""
    wide = wide_enough(x)
    centred = wide - wide.mean(-1, keepdim=True)
    y: Tensor = centred / ((centred * centred).mean(-1, keepdim=True) + eps).sqrt()
    return y if wide is x else y.to(x.dtype)


def _in_one_axis(x: Tensor, count: int) -> Tensor:
    """The last `count` axes as one."""
    return x if count == 1 else x.reshape(*x.shape[:-count], math.prod(x.shape[-count:]))


def wide_enough(x: Tensor) -> Tensor:
    """x with room for sums: float16 as float32."""
    return x.to(float32) if x.dtype == float16 else x


def check_learned_dtypes(x: Tensor, *learned: Tensor | None) -> None:
    """Refuse a weight or a bias of another element type; float32 ones may go with half precision."""
    for given in learned:
        if given is None or given.dtype == x.dtype or (x.dtype == float16 and given.dtype == float32):
            continue
        both = given.dtype == float32
        reason = "all inputs must share same datatype." if both else "expect parameter to have scalar type of Float"
        raise DTypeError(
            f"mixed dtype (CPU): {reason}",
            got=f"{x.dtype}, {given.dtype}",
            advice=say("ops.same_dtype", dtype=given.dtype),
        )


def _last_axes(input: Input, normalized_shape: Sequence[int], function: str) -> tuple[Tensor, Shape]:
    """The input, and the sizes of the axes that are normalised."""
    x = tensor(input, function)
    if not isinstance(normalized_shape, (tuple, list)):
        raise ArgumentTypeError(
            f"{function}(): argument 'normalized_shape' (position 2) must be tuple of ints, "
            f"not {type(normalized_shape).__name__}",
            advice=say("nn.normalized_shape_tuple", size=repr(normalized_shape)),
        )
    sizes = tuple(integers(normalized_shape, "normalized_shape", function))
    if not sizes:
        raise ShapeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, "
            "but got normalized_shape = []"
        )
    return x, sizes


def _learned(sizes: Shape, given: Input | None, name: str, position: int, function: str) -> Tensor | None:
    """A weight or a bias of the shape that is normalised."""
    if given is None:
        return None
    learned = tensor(given, function, name, position)
    if learned.shape != sizes:
        raise ShapeError(
            f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
            f"{list(learned.shape)} and normalized_shape = {list(sizes)}"
        )
    return learned


def _check_sizes(x: Tensor, sizes: Shape, any_sizes: str) -> None:
    if x.shape[len(x.shape) - len(sizes) :] != sizes or len(x.shape) < len(sizes):
        ending = x.shape[-len(sizes) :] if len(x.shape) >= len(sizes) else None
        raise ShapeError(
            f"Given normalized_shape={list(sizes)}, expected input with shape [{any_sizes}"
            f"{', '.join(map(str, sizes))}], but got input of size{list(x.shape)}",
            expected=say("nn.normalized_last", sizes=", ".join(map(str, sizes))),
            got=f"{tuple(x.shape)}",
            advice=_size_advice(x, sizes) if ending else None,
        )


def _size_advice(x: Tensor, sizes: Shape) -> str | None:
    """Channels that stand second: GroupNorm with one group, or another order of axes, is what is meant."""
    if len(sizes) == 1 and len(x.shape) > 2 and x.shape[1] == sizes[0]:
        return say("nn.layer_norm_channels", channels=sizes[0])
    return None
