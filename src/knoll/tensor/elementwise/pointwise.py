"""Elementwise arithmetic of one tensor: signs, squares, reciprocals; interpolation and sums of products.

Source: https://pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from __future__ import annotations

from typing import Any

from knoll.errors import DTypeError, StateError
from knoll.graph import Op
from knoll.ops.elementwise import arithmetic
from knoll.ops.elementwise.choose import choose
from knoll.tensor.arguments import Operand, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import bool_, floating, int64, result_type
from knoll.tensor.elementwise.arithmetic import add, cast, divide, multiply, reflected_divide, subtract
from knoll.tensor.elementwise.comparisons import less
from knoll.tensor.record import apply

__all__ = [
    "absolute",
    "addcdiv",
    "addcmul",
    "lerp",
    "negative",
    "positive",
    "reciprocal",
    "sgn",
    "sign",
    "square",
]


def in_floats(op: Op, x: T) -> T:
    """The operation on x, whose integers and truths become float32."""
    return apply(op, cast(x, floating(x)))[0]


@public("neg")
def negative(x: T, *, out: T | None = None) -> T:
    """−x.

    Source: https://pytorch.org/docs/stable/generated/torch.neg.html

    >>> import knoll
    >>> knoll.neg(knoll.tensor([1, -2]))
    tensor([-1,  2])
    """
    if x._dtype == bool_:
        raise DTypeError(
            "Negation, the `-` operator, on a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return apply(arithmetic.negative, x)[0]


@public("positive")
def positive(x: T) -> T:
    """x itself. Raises StateError for truths.

    Source: https://pytorch.org/docs/stable/generated/torch.positive.html

    >>> import knoll
    >>> knoll.positive(knoll.tensor([1, -2]))
    tensor([ 1, -2])
    """
    if x._dtype.kind == "b":
        raise StateError("The `+` operator, on a bool tensor is not supported.")
    return x


@public("abs")
def absolute(x: T, *, out: T | None = None) -> T:
    """The absolute value.

    Source: https://pytorch.org/docs/stable/generated/torch.abs.html

    >>> import knoll
    >>> knoll.abs(knoll.tensor([-1.5, 2.0]))
    tensor([1.5000, 2.0000])
    """
    return apply(arithmetic.absolute, x)[0]


@public("sign")
def sign(x: T, *, out: T | None = None) -> T:
    """−1, 0 or 1.

    Source: https://pytorch.org/docs/stable/generated/torch.sign.html

    >>> import knoll
    >>> knoll.sign(knoll.tensor([-2.0, 0.0, 5.0]))
    tensor([-1.,  0.,  1.])
    """
    return apply(arithmetic.sign, x)[0]


@public("sgn")
def sgn(x: T, *, out: T | None = None) -> T:
    """−1, 0 or 1, as `sign`.

    Source: https://pytorch.org/docs/stable/generated/torch.sgn.html

    >>> import knoll
    >>> knoll.sgn(knoll.tensor([-2.0, 0.0, 5.0]))
    tensor([-1.,  0.,  1.])
    """
    return sign(x)


@public("square")
def square(x: T, *, out: T | None = None) -> T:
    """The square.

    Source: https://pytorch.org/docs/stable/generated/torch.square.html

    >>> import knoll
    >>> knoll.square(knoll.tensor([-3.0, 2.0]))
    tensor([9., 4.])
    """
    return apply(arithmetic.square, cast(x, int64) if x._dtype == bool_ else x)[0]


@public("reciprocal")
def reciprocal(x: T, *, out: T | None = None) -> T:
    """1 / x.

    Source: https://pytorch.org/docs/stable/generated/torch.reciprocal.html

    >>> import knoll
    >>> knoll.reciprocal(knoll.tensor([2.0, 4.0]))
    tensor([0.5000, 0.2500])
    """
    return reflected_divide(x, 1.0)


@public("lerp")
def lerp(x: T, end: T, weight: Operand, *, out: T | None = None) -> T:
    """x + `weight` · (`end` − x): x itself at 0, `end` at 1; computed from the nearer of the two, as in PyTorch.

    >>> import knoll
    >>> knoll.lerp(knoll.tensor([0.0, 10.0]), knoll.tensor([1.0, 20.0]), 0.5)
    tensor([ 0.5000, 15.0000])
    """
    given: Any = weight
    start: T = x
    if isinstance(given, TensorBase):
        near: Any = less(absolute(given), 0.5)
        start, given = apply(choose, near, x, end)[0], apply(choose, near, given, subtract(given, 1.0))[0]
    elif abs(given) >= 0.5:
        start, given = end, given - 1
    return add(start, multiply(subtract(end, x), given))


@public("addcmul")
def addcmul(x: T, tensor1: T, tensor2: T, *, value: float = 1, out: T | None = None) -> T:
    """x + `value` · `tensor1` · `tensor2`.

    Source: https://pytorch.org/docs/stable/generated/torch.addcmul.html

    >>> import knoll
    >>> knoll.addcmul(knoll.ones(2), knoll.tensor([1.0, 2.0]), knoll.tensor([3.0, 4.0]), value=10)
    tensor([31., 81.])
    """
    dtype = result_type(x, tensor1, tensor2)
    factor = value if dtype.kind == "f" else bool(value) if dtype == bool_ else int(value)
    return add(x, multiply(multiply(cast(tensor1, dtype), cast(tensor2, dtype)), factor))


@public("addcdiv")
def addcdiv(x: T, tensor1: T, tensor2: T, *, value: float = 1, out: T | None = None) -> T:
    """x + `value` · `tensor1` / `tensor2`.

    Source: https://pytorch.org/docs/stable/generated/torch.addcdiv.html

    >>> import knoll
    >>> knoll.addcdiv(knoll.ones(2), knoll.tensor([1.0, 2.0]), knoll.tensor([2.0, 4.0]), value=10)
    tensor([6., 6.])
    """
    dtype = result_type(x, tensor1, tensor2)
    return add(x, multiply(divide(cast(tensor1, dtype), cast(tensor2, dtype)), value))
