"""Random tensors: uniform, normal, integers, permutations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, ShapeError, StateError
from knoll.graph import Shape
from knoll.messages import say
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor.arguments import Operand, Sizes, integer, public
from knoll.tensor.base import TensorBase
from knoll.tensor.creation.filled import checked, made, shape_of
from knoll.tensor.device import Device
from knoll.tensor.dtypes import bool_, dtype_or, fitting, floating, int64
from knoll.tensor.mapped import drawn
from knoll.tensor.random.generator import NORMAL, UNIFORM, drawing_from, float_type, uniform
from knoll.tensor.random.generator import normal as standard_normal
from knoll.tensor.storage.memory_format import check_format
from knoll.tensor.storage.memory_format import memory_format as Format
from knoll.tensor.tensor import Tensor

__all__ = ["normal", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm"]


@public("rand")
def rand(
    *size: Sizes,
    out: Tensor | None = None,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers spread evenly over [0, 1).

    Source: https://pytorch.org/docs/stable/generated/torch.rand.html

    >>> import knoll
    >>> x = knoll.rand(2, 3)
    >>> x.shape, bool((x < 1).all())
    ((2, 3), True)
    """
    wanted = float_type(dtype, UNIFORM)
    shape = shape_of(size, "rand", wanted)
    return drawn(lambda: made(uniform(shape, wanted, generator), requires_grad, device))


@public("randn")
def randn(
    *size: Sizes,
    out: Tensor | None = None,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers of the normal distribution with mean 0 and deviation 1.

    Source: https://pytorch.org/docs/stable/generated/torch.randn.html

    >>> import knoll
    >>> knoll.randn(2, 3).shape
    (2, 3)
    """
    wanted = float_type(dtype, NORMAL)
    shape = shape_of(size, "randn", wanted)
    return drawn(lambda: made(standard_normal(shape, wanted, generator), requires_grad, device))


@overload
def randint(
    high: int,
    size: Sequence[int],
    /,
    *,
    out: Tensor | None = None,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor: ...


@overload
def randint(
    high: int,
    /,
    *,
    out: Tensor | None = None,
    size: Sequence[int],
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor: ...


@overload
def randint(
    *,
    out: Tensor | None = None,
    high: int,
    size: Sequence[int],
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor: ...


@overload
def randint(
    low: int,
    high: int,
    size: Sequence[int],
    *,
    out: Tensor | None = None,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor: ...


@public("randint")
def randint(
    low: Any = None,
    high: Any = None,
    size: Any = None,
    *,
    out: Tensor | None = None,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers from `low` to before `high`: `randint(high, size)` or `randint(low, high, size)`.

    >>> import knoll
    >>> _ = knoll.manual_seed(0)
    >>> int(knoll.randint(5, (1,))) in range(5)
    True
    """
    wanted = dtype_or(dtype, int64)
    if size is None and isinstance(high, (list, tuple)):
        high, size = None, high
    if high is None:
        low, high = None, low
    missing = [name for name, value in (("high", high), ("size", size)) if value is None]
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        raise ArgumentTypeError(f"randint() missing {len(missing)} required positional arguments: {names}")
    low = 0 if low is None else low
    low, high = integer(low, "randint", "low"), integer(high, "randint", "high")
    if not isinstance(size, (list, tuple)):
        raise ArgumentTypeError(f"randint(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    if low >= high:
        raise StateError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    fitting(low, wanted), fitting(high - 1, wanted)
    shape = shape_of((size,), "randint", int64)

    def draw() -> Tensor:
        with drawing_from(generator) as numbers:
            return made(np.asarray(numbers.integers(low, high, shape), wanted), requires_grad, device)

    return drawn(draw)


@public("randperm")
def randperm(
    n: int,
    *,
    out: Tensor | None = None,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """The integers from 0 to n − 1 in random order, int64 unless `dtype` says otherwise.

    Source: https://pytorch.org/docs/stable/generated/torch.randperm.html

    >>> import knoll
    >>> knoll.randperm(5).sort().values
    tensor([0, 1, 2, 3, 4])
    """
    wanted = dtype_or(dtype, int64)
    if wanted == bool_:
        refuse_dtype("randperm", wanted)
    fitting(max(n - 1, 0), wanted)

    def draw() -> Tensor:
        with drawing_from(generator) as numbers:
            order = numbers.permutation(checked((n,), int64)[0])
        return made(order.astype(wanted, copy=False), requires_grad, device)

    return drawn(draw)


@public("normal")
def normal(
    mean: Operand,
    std: Operand = 1.0,
    size: Sequence[int] | None = None,
    *,
    out: Tensor | None = None,
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

    def draw(*operands: TensorBase) -> Tensor:
        left = list(operands)
        mean_, std_ = (left.pop(0) if isinstance(each, TensorBase) else each for each in (mean, std))
        return _normal(mean_, std_, size, generator, dtype, requires_grad, device)

    return drawn(draw, *given)


def _normal(
    mean: Operand,
    std: Operand,
    size: Sequence[int] | None,
    generator: np.random.Generator | None,
    dtype: DTypeLike | None,
    requires_grad: bool,
    device: Device,
) -> Tensor:
    """As `normal`."""
    given = [each for each in (mean, std) if isinstance(each, TensorBase)]
    means, deviations = (each._realize() if isinstance(each, TensorBase) else each for each in (mean, std))
    if np.any(np.less(deviations, 0)):
        several = isinstance(std, TensorBase)
        found = "normal expects all elements of std >= 0.0" if several else "normal expects std >= 0.0"
        raise StateError(found if several else f"{found}, but found std {std:g}")
    wanted = floating(given[0]) if given and dtype is None else float_type(dtype, NORMAL)
    shape = broadcast_shape(given) if given else shape_of((size or (),), "normal", wanted)
    numbers = standard_normal(shape, wanted, generator) * np.asarray(deviations, wanted) + np.asarray(means, wanted)
    return made(np.asarray(numbers, wanted), requires_grad, device)


def broadcast_shape(given: Sequence[TensorBase]) -> Shape:
    """The shape of all together. Raises ShapeError where they do not fit."""
    try:
        return np.broadcast_shapes(*(each.shape for each in given))
    except ValueError:
        sizes = " and ".join(str(tuple(each.shape)) for each in given)
        raise ShapeError(say("tensor.normal_shapes"), got=sizes) from None


@public("rand_like")
def rand_like(
    x: Tensor,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """Numbers spread evenly over [0, 1), with the shape and element type of x.

    Source: https://pytorch.org/docs/stable/generated/torch.rand_like.html

    >>> import knoll
    >>> knoll.rand_like(knoll.ones(2, 3)).shape
    (2, 3)
    """
    check_format(memory_format, len(x.shape))
    wanted = x._dtype if dtype is None else dtype
    return rand(x.shape, generator=generator, dtype=wanted, device=device, requires_grad=requires_grad)


@public("randn_like")
def randn_like(
    x: Tensor,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """Numbers of the standard normal distribution, with the shape and element type of x.

    Source: https://pytorch.org/docs/stable/generated/torch.randn_like.html

    >>> import knoll
    >>> knoll.randn_like(knoll.ones(2, 3)).shape
    (2, 3)
    """
    check_format(memory_format, len(x.shape))
    wanted = x._dtype if dtype is None else dtype
    return randn(x.shape, generator=generator, dtype=wanted, device=device, requires_grad=requires_grad)


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
    """Integers from `low` to before `high`, or from 0 to before `low` alone, with the shape and element type of x.

    Source: https://pytorch.org/docs/stable/generated/torch.randint_like.html

    >>> import knoll
    >>> x = knoll.randint_like(knoll.zeros(2, 3), 10)
    >>> x.dtype, bool((x < 10).all())
    (dtype('float32'), True)
    """
    check_format(memory_format, len(x.shape))
    first, end = (0, low) if high is None else (low, high)
    wanted = dtype_or(dtype, x._dtype)
    return randint(first, end, x.shape, dtype=wanted, device=device, requires_grad=requires_grad)
