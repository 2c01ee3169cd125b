"""Random tensors whose distribution other tensors say: normal ones, and integers like those of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, ShapeError, StateError
from knoll.graph import Shape
from knoll.messages import say
from knoll.tensor.arguments import Operand, public
from knoll.tensor.base import TensorBase
from knoll.tensor.creation import _made, shape_of
from knoll.tensor.device import Device
from knoll.tensor.dtypes import dtype_or, floating
from knoll.tensor.generator import NORMAL, float_type
from knoll.tensor.generator import normal as standard_normal
from knoll.tensor.memory_format import check_format
from knoll.tensor.memory_format import memory_format as Format  # noqa: N812 (a class, under PyTorch's name)
from knoll.tensor.random import randint
from knoll.tensor.tensor import Tensor


@public("normal")
def normal(
    mean: Operand,
    std: Operand = 1.0,
    size: Sequence[int] | None = None,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers of normal distributions, whose means and deviations are numbers or tensors.

    Two numbers need a `size`. Raises StateError for a negative deviation, ShapeError for unlike shapes.
    Source: https://pytorch.org/docs/stable/generated/torch.normal.html

    >>> import knoll
    >>> knoll.normal(knoll.zeros(2, 3), 1.0).shape, knoll.normal(0.0, 1.0, size=(4,)).shape
    ((2, 3), (4,))
    """
    given = [each for each in (mean, std) if isinstance(each, TensorBase)]
    if not given and size is None:
        raise ArgumentTypeError('normal() missing 1 required positional arguments: "size"')
    means, deviations = (each._realize() if isinstance(each, TensorBase) else each for each in (mean, std))
    if np.any(np.less(deviations, 0)):
        several = isinstance(std, TensorBase)
        found = "normal expects all elements of std >= 0.0" if several else "normal expects std >= 0.0"
        raise StateError(found if several else f"{found}, but found std {std:g}")
    wanted = floating(given[0]) if given and dtype is None else float_type(dtype, NORMAL)
    shape = broadcast_shape(given) if given else shape_of((size or (),), "normal", wanted)
    numbers = standard_normal(shape, wanted, generator) * np.asarray(deviations, wanted) + np.asarray(means, wanted)
    return _made(np.asarray(numbers, wanted), requires_grad, device)


def broadcast_shape(given: Sequence[TensorBase]) -> Shape:
    """The shape of all together. Raises ShapeError where they do not fit."""
    try:
        return np.broadcast_shapes(*(each.shape for each in given))
    except ValueError:
        sizes = " and ".join(str(tuple(each.shape)) for each in given)
        raise ShapeError(say("tensor.normal_shapes"), got=sizes) from None


@public("randint_like")
def randint_like(
    x: Tensor,
    low: int,
    high: int | None = None,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """Integers from `low` to before `high`, or from 0 to before `low` alone, with the shape and element type of x."""
    check_format(memory_format, len(x.shape))
    first, end = (0, low) if high is None else (low, high)
    wanted = dtype_or(dtype, x._dtype)
    return randint(first, end, x.shape, dtype=wanted, device=device, requires_grad=requires_grad)
