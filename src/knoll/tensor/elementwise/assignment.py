"""Assignment to all elements of a tensor: they are filled, copied, or computed from themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ShapeError, StateError
from knoll.graph import Op
from knoll.messages import say
from knoll.ops.elementwise import elementwise
from knoll.ops.indexing.index import frozen, put
from knoll.tensor.arguments import Operand, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.constant import constant
from knoll.tensor.data import tensor_of
from knoll.tensor.dtypes import fitting
from knoll.tensor.eager import overwrite
from knoll.tensor.elementwise.arithmetic import SAFE, add, cast, floor_divide, multiply, power, remainder, subtract
from knoll.tensor.elementwise.choose import clamp
from knoll.tensor.elementwise.logic import bitwise_and, bitwise_or, bitwise_xor
from knoll.tensor.record import apply, state
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.storage.copying import clone
from knoll.tensor.storage.mutation import change, check_leaf, is_plain, replace, writing
from knoll.tensor.storage.overlap import check_overlap


def zero_(x: T) -> T:
    """Fill with zeros, in place.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.zero_.html

    >>> import knoll
    >>> knoll.ones(2).zero_()
    tensor([0., 0.])
    """
    return fill_(x, 0)


@public("fill_")
def fill_(x: T, value: Operand) -> T:
    """Fill with one value, in place.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.fill_.html

    >>> import knoll
    >>> knoll.zeros(2).fill_(3)
    tensor([3., 3.])
    """
    check_leaf(x)
    if axes := len(getattr(value, "shape", ())):
        raise StateError(f"fill_ only supports 0-dimension value tensor but got tensor with {axes} dimensions.")
    if isinstance(value, TensorBase):
        check_overlap(x)
    if not is_plain(x, value):
        return replace(x, lambda former: _replaced(former, add(x._over(np.zeros(x.shape, x._dtype)), value)))
    with writing(x) as array:
        array.fill(value._realize() if isinstance(value, TensorBase) else fitting(value, x._dtype))
    return x


def _replaced(former: T, new: T) -> T:
    """`new`, repeated, in place of all elements of `former`, which then has a gradient of zero if it has one."""
    wide = expand(cast(new, former._dtype), former.shape)
    return apply(put, former, wide, key=frozen(()), axes=())[0] if former._requires_grad else clone(wide)


@public("copy_")
def copy_(x: T, source: Any) -> T:
    """Take over the numbers of `source`, which broadcasts, in place; the element type stays.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.copy_.html

    >>> import knoll
    >>> knoll.zeros(2, 2).copy_(knoll.tensor([1, 2]))
    tensor([[1., 2.],
            [1., 2.]])
    """
    given = tensor_of(type(x), source)
    check_leaf(x)
    if source is x:
        return x
    check_overlap(x)
    if not is_plain(x, given):
        return change(x, lambda former: _replaced(former, given))
    numbers = given._realize()
    try:
        with writing(x) as array, np.errstate(all="ignore"):
            np.copyto(array, numbers, casting="unsafe")
    except ValueError as error:
        if isinstance(error, ArgumentError):
            raise
        raise ShapeError(
            f"The size of tensor a ({list(x.shape)}) must match the size of tensor b ({list(numbers.shape)})",
            expected=say("tensor.broadcasts_to", shape=x.shape),
            got=f"{numbers.shape}",
        ) from None
    return x


def _operated(op: Op, function: Callable[..., T], x: T, other: Operand) -> T:
    """x changed to `function(x, other)`: in its memory, where nothing records and both are floats alike."""
    check_leaf(x)
    check_overlap(x)
    given: Any = other
    if type(given) in (float, int):
        given = constant(given, x._dtype) if -SAFE <= given <= SAFE else None
    one_type = isinstance(given, TensorBase) and given._dtype == x._dtype and x._dtype.kind == "f"
    if one_type and state.recorder is None and is_plain(x, given):
        number = given._realize()
        if number.shape in (x.shape, ()):
            with writing(x) as array:
                overwrite(op, array, number)
            return x
    return replace(x, function, other)


@public("add_")
def add_(x: T, other: Operand, *, alpha: float = 1) -> T:
    """Add alpha × other, in place."""
    if alpha == 1:
        return _operated(elementwise.add, add, x, other)
    return change(x, lambda former, b: add(former, b, alpha=alpha), other)


@public("sub_")
def subtract_(x: T, other: Operand, *, alpha: float = 1) -> T:
    """Subtract alpha × other, in place."""
    if alpha == 1:
        return _operated(elementwise.subtract, subtract, x, other)
    return change(x, lambda former, b: subtract(former, b, alpha=alpha), other)


@public("mul_")
def multiply_(x: T, other: Operand) -> T:
    """Multiply by other, in place."""
    return _operated(elementwise.multiply, multiply, x, other)


@public("pow_")
def power_(x: T, exponent: Operand) -> T:
    """Raise to the power `exponent`, in place."""
    return change(x, power, exponent)


@public("floor_divide_")
def floor_divide_(x: T, other: Operand) -> T:
    """Divide by other and round down, in place."""
    return change(x, floor_divide, other)


@public("remainder_")
def remainder_(x: T, other: Operand) -> T:
    """Keep the remainder of the division by other, in place."""
    return change(x, remainder, other)


@public("bitwise_and_")
def bitwise_and_(x: T, other: Operand) -> T:
    """Bitwise and, in place."""
    return change(x, bitwise_and, other)


@public("bitwise_or_")
def bitwise_or_(x: T, other: Operand) -> T:
    """Bitwise or, in place."""
    return change(x, bitwise_or, other)


@public("bitwise_xor_")
def bitwise_xor_(x: T, other: Operand) -> T:
    """Bitwise exclusive or, in place."""
    return change(x, bitwise_xor, other)


@public("clamp_")
def clamp_(x: T, min: Operand | None = None, max: Operand | None = None) -> T:  # noqa: A002 (as in PyTorch)
    """x, no less than `min` and no more than `max`, in place."""
    return change(x, clamp, min, max)
