"""Logic of truth values, and bit by bit, element by element; shifts of whole numbers.

Source: https://pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.ops.dtypes import refuse_dtype
from knoll.ops.elementwise import comparisons
from knoll.ops.elementwise.elementwise import broadcast
from knoll.tensor.arguments import Left, Operand, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import bool_, fitting, result_type
from knoll.tensor.elementwise.arithmetic import cast, operate
from knoll.tensor.record import apply

__all__ = [
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
]


def _truths(x: T) -> T:
    """Where x is not zero; NaN is not."""
    return x if x._dtype == bool_ else cast(x, bool_)


@public("logical_and")
def logical_and(x: T, other: TensorBase, *, out: T | None = None) -> T:
    """Whether neither element is zero.

    Source: https://pytorch.org/docs/stable/generated/torch.logical_and.html

    >>> import knoll
    >>> knoll.logical_and(knoll.tensor([1, 2, 0]), knoll.tensor([2, 1, 1]))
    tensor([ True,  True, False])
    """
    return operate(comparisons.bitwise_and, _truths(x), _truths(other))


@public("logical_or")
def logical_or(x: T, other: TensorBase, *, out: T | None = None) -> T:
    """Whether one element or the other is not zero.

    Source: https://pytorch.org/docs/stable/generated/torch.logical_or.html

    >>> import knoll
    >>> knoll.logical_or(knoll.tensor([0, 5]), knoll.tensor([0, 0]))
    tensor([False,  True])
    """
    return operate(comparisons.bitwise_or, _truths(x), _truths(other))


@public("logical_xor")
def logical_xor(x: T, other: TensorBase, *, out: T | None = None) -> T:
    """Whether one element is zero and the other is not.

    Source: https://pytorch.org/docs/stable/generated/torch.logical_xor.html

    >>> import knoll
    >>> knoll.logical_xor(knoll.tensor([1, 5]), knoll.tensor([0, 3]))
    tensor([ True, False])
    """
    return operate(comparisons.bitwise_xor, _truths(x), _truths(other))


@public("logical_not")
def logical_not(x: T, *, out: T | None = None) -> T:
    """Whether the element is zero.

    Source: https://pytorch.org/docs/stable/generated/torch.logical_not.html

    >>> import knoll
    >>> knoll.logical_not(knoll.tensor([0, 5]))
    tensor([ True, False])
    """
    return apply(comparisons.bitwise_not, _truths(x))[0]


@public("bitwise_and")
def bitwise_and(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """Bitwise and.

    Source: https://pytorch.org/docs/stable/generated/torch.bitwise_and.html

    >>> import knoll
    >>> knoll.bitwise_and(knoll.tensor([6, 5]), 3)
    tensor([2, 1])
    """
    return operate(comparisons.bitwise_and, x, other)


@public("bitwise_or")
def bitwise_or(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """Bitwise or.

    Source: https://pytorch.org/docs/stable/generated/torch.bitwise_or.html

    >>> import knoll
    >>> knoll.bitwise_or(knoll.tensor([4, 5]), 2)
    tensor([6, 7])
    """
    return operate(comparisons.bitwise_or, x, other)


@public("bitwise_xor")
def bitwise_xor(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """Bitwise exclusive or.

    Source: https://pytorch.org/docs/stable/generated/torch.bitwise_xor.html

    >>> import knoll
    >>> knoll.bitwise_xor(knoll.tensor([6, 5]), 3)
    tensor([5, 6])
    """
    return operate(comparisons.bitwise_xor, x, other)


@public("bitwise_not")
def bitwise_not(x: T, *, out: T | None = None) -> T:
    """Not, bit by bit.

    Source: https://pytorch.org/docs/stable/generated/torch.bitwise_not.html

    >>> import knoll
    >>> knoll.bitwise_not(knoll.tensor([0, 5]))
    tensor([-1, -6])
    """
    return apply(comparisons.bitwise_not, x)[0]


@public("bitwise_left_shift")
def bitwise_left_shift(x: T, other: Operand, *, out: T | None = None) -> T:
    """x · 2^other, for whole numbers.

    Source: https://pytorch.org/docs/stable/generated/torch.bitwise_left_shift.html

    >>> import knoll
    >>> knoll.bitwise_left_shift(knoll.tensor([1, 3]), 2)
    tensor([ 4, 12])
    """
    result: T = _shifted(np.left_shift, "lshift_cpu", x, other)
    return result


@public("bitwise_right_shift")
def bitwise_right_shift(x: T, other: Operand, *, out: T | None = None) -> T:
    """x / 2^other rounded down, for whole numbers.

    Source: https://pytorch.org/docs/stable/generated/torch.bitwise_right_shift.html

    >>> import knoll
    >>> knoll.bitwise_right_shift(knoll.tensor([8, -5]), 1)
    tensor([ 4, -3])
    """
    result: T = _shifted(np.right_shift, "rshift_cpu", x, other)
    return result


def reflected_left_shift(b: T, a: Any) -> T:
    """a · 2^b, asked of b."""
    result: T = _shifted(np.left_shift, "lshift_cpu", a, b)
    return result


def reflected_right_shift(b: T, a: Any) -> T:
    """a / 2^b rounded down, asked of b."""
    result: T = _shifted(np.right_shift, "rshift_cpu", a, b)
    return result


def _shifted(function: Any, name: str, *operands: Any) -> Any:
    if not all(isinstance(each, (TensorBase, np.ndarray, np.generic, int, float)) for each in operands):
        return NotImplemented  # Python's operators ask for it
    tensors = [TensorBase._over(each) if isinstance(each, np.ndarray) else each for each in operands]
    kind = result_type(*tensors)
    numbers, bits = (
        each._realize()
        if isinstance(each, TensorBase)
        else fitting(each, kind)
        if isinstance(each, int)
        else np.asarray(each)
        for each in tensors
    )
    broadcast(numbers.shape, bits.shape)
    if kind.kind not in "iu":
        refuse_dtype(name, kind)
    return TensorBase._over(np.asarray(function(numbers.astype(kind), bits.astype(kind)), kind))
