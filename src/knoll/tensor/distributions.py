"""Random tensors whose distribution other tensors say: normal, Bernoulli, multinomial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, ShapeError, StateError
from knoll.graph import Shape
from knoll.messages import say
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.tensor.arguments import Operand, public
from knoll.tensor.base import TensorBase
from knoll.tensor.creation import _made, shape_of
from knoll.tensor.device import Device
from knoll.tensor.dtypes import dtype_or, float32, floating
from knoll.tensor.generator import NORMAL, drawing_from, float_type, uniform
from knoll.tensor.generator import normal as standard_normal
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
    >>> normal(knoll.zeros(2, 3), 1.0).shape, normal(0.0, 1.0, size=(4,)).shape
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


@public("bernoulli")
def bernoulli(x: Tensor, p: float | None = None, *, generator: np.random.Generator | None = None) -> Tensor:
    """Ones with the chances that x says, or with the chance `p`, and zeros.

    Raises StateError for what is no chance.
    Source: https://pytorch.org/docs/stable/generated/torch.bernoulli.html

    >>> from knoll.tensor import tensor
    >>> bernoulli(tensor([0.0, 1.0]))
    tensor([0., 1.])
    """
    chances = x._realize() if p is None else np.full(x.shape, p)
    if p is None and x._dtype.kind != "f":
        refuse_dtype("bernoulli_tensor_cpu_p_", x._dtype)
    if not np.all((chances >= 0) & (chances <= 1)):
        raise StateError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false."
            if p is None
            else f"bernoulli_ expects p to be in [0, 1], but got p={p:g}"
        )
    return _made(np.asarray(uniform(x.shape, float32, generator) < chances, x._dtype))


@public("multinomial")
def multinomial(
    x: Tensor, num_samples: int, replacement: bool = False, *, generator: np.random.Generator | None = None
) -> Tensor:
    """Places drawn by their weights: x (weights) or (rows, weights) gives (num_samples) or (rows, num_samples), int64.

    Raises StateError for weights that cannot be drawn by.
    Source: https://pytorch.org/docs/stable/generated/torch.multinomial.html

    >>> from knoll.tensor import tensor
    >>> multinomial(tensor([0.0, 3.0, 0.0]), 2, replacement=True)
    tensor([1, 1])
    """
    if x._dtype.kind != "f":
        raise StateError(f"multinomial only supports floating-point dtypes for input, got: {scalar_name(x._dtype)}")
    if len(x.shape) not in (1, 2):
        raise StateError("prob_dist must be 1 or 2 dim")
    if num_samples <= 0:
        raise StateError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > x.shape[-1]:
        raise StateError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    weights = np.asarray(x._realize(), np.float64).reshape(-1, x.shape[-1])
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise StateError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.sum(1) <= 0).any():
        raise StateError("invalid multinomial distribution (sum of probabilities <= 0)")
    rows = [_places(row, num_samples, replacement, generator) for row in weights]
    return _made(np.asarray(rows, np.int64).reshape(*x.shape[:-1], num_samples))


def _places(weights: Any, count: int, replacement: bool, given: np.random.Generator | None) -> Any:
    with drawing_from(given) as numbers:
        if replacement:
            return numbers.choice(len(weights), count, True, weights / weights.sum())
        # The largest of log w + Gumbel noise: places without replacement, those without weight last.
        with np.errstate(divide="ignore"):
            keys = np.log(weights) + numbers.gumbel(size=len(weights))
    return np.argsort(-keys, kind="stable")[:count]


@public("randint_like")
def randint_like(
    x: Tensor,
    low: int,
    high: int | None = None,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers from `low` to before `high`, or from 0 to before `low` alone, with the shape and element type of x."""
    first, end = (0, low) if high is None else (low, high)
    wanted = dtype_or(dtype, x._dtype)
    return randint(first, end, x.shape, dtype=wanted, device=device, requires_grad=requires_grad)
