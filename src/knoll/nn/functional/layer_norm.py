"""Layer normalisation: each sample, or each position of it, is brought to mean 0 and variance 1 by itself.

Sources: Ba et al., Layer normalization, 2016, https://arxiv.org/abs/1607.06450; Zhang and Sennrich, Root mean square
layer normalization, 2019, https://arxiv.org/abs/1910.07467.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from knoll.errors import ArgumentTypeError, DTypeError, ShapeError
from knoll.graph import Shape
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.sizes import integers
from knoll.ops.accumulate import wide
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor import Tensor, recording
from knoll.tensor.dtypes import float16, float32
from knoll.tensor.reduction.reduce import widened

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
        return standardized(_in_one_axis(x, len(sizes)), x.shape, least, scale, shift)


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
    least = float(np.finfo(wide(x.dtype)).eps) if eps is None else number(eps, "rms_norm", "eps", 4)
    with recording():  # all of it is one kernel
        return standardized(_in_one_axis(x, len(sizes)), x.shape, least, scale, None, centred=False)


def standardized(
    rows: Tensor, shape: Shape, eps: float, scale: Tensor | None, shift: Tensor | None, centred: bool = True
) -> Tensor:
    """Rows with mean 0 and variance 1 over the last axis, or mean square 1 unless `centred`, in another shape.

    There they are scaled and shifted: (row − mean) / √(variance + eps) · scale + shift.
    """
    numbers = widened(rows)
    distance = numbers - numbers.mean(-1, keepdim=True) if centred else numbers
    y: Tensor = (distance / ((distance * distance).mean(-1, keepdim=True) + eps).sqrt()).reshape(shape)
    y = y if scale is None else y * scale
    y = y if shift is None else y + shift
    return y if y.dtype == rows.dtype else y.to(rows.dtype)


def by_channel(given: Tensor | None, x: Tensor) -> Tensor | None:
    """A number for each channel of x, so that it repeats over the axes behind them."""
    return given if given is None or x.ndim == 2 else given.reshape(x.shape[1], *(1,) * (x.ndim - 2))


def _in_one_axis(x: Tensor, count: int) -> Tensor:
    """The last `count` axes as one."""
    return x if count == 1 else x.reshape(*x.shape[:-count], math.prod(x.shape[-count:]))


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
