"""Arithmetic on tensors and numbers, with PyTorch's element types and broadcasting."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import DTypeError, ShapeError, StateError
from knoll.graph import Array, Op
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops.elementwise import arithmetic
from knoll.ops.elementwise.maximum import maximum as maximum_op
from knoll.ops.elementwise.maximum import minimum as minimum_op
from knoll.ops.elementwise.power import power as power_op
from knoll.ops.elementwise.power import whole_power
from knoll.ops.linear_algebra.linear import matmul as matmul_op
from knoll.ops.shapes.reshape import convert, reshape
from knoll.tensor.arguments import Left, Operand, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.constant import constant
from knoll.tensor.data import array_of
from knoll.tensor.dtypes import RANK, bool_, fitting, float16, float32, float64, int64, result_type
from knoll.tensor.record import apply

__all__ = [
    "add",
    "divide",
    "floor_divide",
    "matmul",
    "maximum",
    "minimum",
    "multiply",
    "remainder",
    "subtract",
]


def cast(x: T, dtype: DType) -> T:
    """The same tensor in another element type."""
    return x if x._dtype is dtype or x._dtype == dtype else apply(convert, x, dtype=dtype.name)[0]


def _operand(other: Any) -> Any:
    """A tensor or a number, or NotImplemented for anything else; arrays count as tensors."""
    if isinstance(other, (TensorBase, bool, int, float, np.bool_, np.integer, np.floating)):
        return other
    return TensorBase._over(array_of(other)) if isinstance(other, np.ndarray) else NotImplemented


def _as_dtype(operand: Any, dtype: DType) -> Any:
    """A tensor or a number in an element type."""
    if isinstance(operand, TensorBase):
        return cast(operand, dtype)
    if not -SAFE <= operand <= SAFE:
        return TensorBase._over(_converted(operand, dtype))
    return constant(operand, dtype)


_BY_NUMBERS = (arithmetic.multiply, arithmetic.divide)  # that keep the digits of a number beside halves, as in PyTorch
SAFE = 65504  # every element type of floats holds numbers up to here


def _converted(number: Any, dtype: DType) -> Array:
    """A large number in another element type: infinite where no float holds it, refused where no int64 does."""
    if isinstance(number, (int, np.integer)):
        fitting(number, int64 if dtype.kind in "iub" else float64)
    with np.errstate(all="ignore"):
        return np.asarray(float(number) if dtype.kind == "f" else number).astype(dtype)


def operate(op: Op, a: Left[T], b: Operand, least: DType | None = None) -> T:
    """`op` on both, in the element type that they make together; `least` is the kind that it has to reach."""
    if isinstance(a, TensorBase) and isinstance(b, TensorBase):
        dtype = a._dtype
        if dtype is b._dtype and (least is None or dtype.kind == "f"):  # as most operands are
            return apply(op, a, b)[0]  # type: ignore[return-value]  # of the class of a
    left, right = _operand(a), _operand(b)
    if left is NotImplemented or right is NotImplemented:
        return NotImplemented  # type: ignore[no-any-return]  # Python's operators ask for it
    dtype = _common(left, right)
    if least is not None and RANK[dtype.kind] < RANK[least.kind]:
        dtype = least
    if dtype is float16 and op in _BY_NUMBERS and not (isinstance(left, TensorBase) and isinstance(right, TensorBase)):
        return cast(apply(op, _as_dtype(left, float32), _as_dtype(right, float32))[0], dtype)  # type: ignore[no-any-return]  # of the class of a
    return apply(op, _as_dtype(left, dtype), _as_dtype(right, dtype))[0]  # type: ignore[no-any-return]  # of the class of a


def _common(left: Any, right: Any) -> DType:
    """The element type that two operands make together; a number takes that of floats beside it."""
    if isinstance(left, TensorBase) and not isinstance(right, TensorBase) and left._dtype.kind == "f":
        return left._dtype
    return result_type(left, right)


def _times(other: Any, alpha: float, beside: Any) -> Any:
    """An operand, alpha times, in the element type that it makes with the one beside it: −1 times 200 is no byte."""
    left, right = _operand(beside), _operand(other)
    if isinstance(right, TensorBase) and left is not NotImplemented:
        other = cast(right, _common(left, right))
        alpha = bool(alpha) if other._dtype == bool_ else alpha
    elif isinstance(right, (bool, np.bool_)) and _is_truth(beside):
        return right and bool(alpha)
    elif right is not NotImplemented:
        return right * alpha
    return operate(arithmetic.multiply, other, alpha)


@public("add")
def add(x: Left[T], other: Operand, *, alpha: float = 1, out: T | None = None) -> T:
    """The sum a + b, or a + alpha × b.

    Source: https://pytorch.org/docs/stable/generated/torch.add.html

    >>> import knoll
    >>> knoll.add(knoll.tensor([1.0, 2.0]), knoll.tensor([3.0, 4.0]), alpha=10)
    tensor([31., 42.])
    """
    return operate(arithmetic.add, x, other if alpha == 1 else _times(other, alpha, x))


def _is_truth(operand: Any) -> bool:
    """Whether an operand is True, False or an array of them."""
    if isinstance(operand, TensorBase):
        return operand._dtype is bool_ or operand._dtype == bool_
    return isinstance(operand, (bool, np.bool_)) or (isinstance(operand, np.ndarray) and operand.dtype == bool_)


@public("sub")
def subtract(x: Left[T], other: Operand, *, alpha: float = 1, out: T | None = None) -> T:
    """The difference a − b, or a − alpha × b.

    Source: https://pytorch.org/docs/stable/generated/torch.sub.html

    >>> import knoll
    >>> knoll.sub(knoll.tensor([5.0, 6.0]), knoll.tensor([1.0, 2.0]), alpha=2)
    tensor([3., 2.])
    """
    truths = _is_truth(x) + _is_truth(other)
    if truths:
        raise DTypeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. "
            "Use the `^` or `logical_xor()` operator instead."
            if truths == 2
            else "Subtraction, the `-` operator, with a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return operate(arithmetic.subtract, x, other if alpha == 1 else _times(other, alpha, x))


@public("mul")
def multiply(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """The product, element by element.

    Source: https://pytorch.org/docs/stable/generated/torch.mul.html

    >>> import knoll
    >>> knoll.mul(knoll.tensor([1.0, 2.0]), 3)
    tensor([3., 6.])
    """
    return operate(arithmetic.multiply, x, other)


@public("div")
def divide(x: Left[T], other: Operand, *, rounding_mode: str | None = None, out: T | None = None) -> T:
    """The quotient a / b; integers give float32. `rounding_mode` "trunc" rounds it toward 0, "floor" down.

    Rounded quotients of integers are integers. Raises StateError for another mode.
    Source: https://pytorch.org/docs/stable/generated/torch.div.html

    >>> from knoll.tensor import tensor
    >>> tensor([-7, 7]).div(2, rounding_mode="trunc"), tensor([-7, 7]).div(2, rounding_mode="floor")
    (tensor([-3,  3]), tensor([-4,  3]))
    """
    if rounding_mode is None:
        return operate(arithmetic.divide, x, other, float32)
    if rounding_mode == "floor":
        return operate(arithmetic.floor_divide, x, other)
    if rounding_mode != "trunc":
        raise StateError(
            "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found " + repr(rounding_mode)
        )
    return operate(arithmetic.trunc_divide, x, other)


@public("floor_divide")
def floor_divide(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """The largest whole number not above a / b.

    Source: https://pytorch.org/docs/stable/generated/torch.floor_divide.html

    >>> import knoll
    >>> knoll.floor_divide(knoll.tensor([7, -7]), 2)
    tensor([ 3, -4])
    """
    return operate(arithmetic.floor_divide, x, other)


@public("remainder")
def remainder(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """What is left of a after whole multiples of b; it has the sign of b.

    Source: https://pytorch.org/docs/stable/generated/torch.remainder.html

    >>> import knoll
    >>> knoll.remainder(knoll.tensor([7, -7]), 3)
    tensor([1, 2])
    """
    return operate(arithmetic.remainder, x, other)


@public("pow")
def power(x: Left[T], exponent: Operand, *, out: T | None = None) -> T:
    """The power of x to `exponent`.

    Source: https://pytorch.org/docs/stable/generated/torch.pow.html

    >>> import knoll
    >>> knoll.pow(knoll.tensor([1.0, 2.0, 3.0]), 2)
    tensor([1., 4., 9.])
    """
    if isinstance(x, TensorBase) and isinstance(exponent, (int, float)):
        whole = x._dtype.kind != "f" and isinstance(exponent, int)
        if whole and exponent < 0:
            raise DTypeError("Integers to negative integer powers are not allowed.", advice=say("tensor.as_float"))
        if whole and exponent > SAFE:
            fitting(exponent, x._dtype)
        if exponent == 0.5:
            return apply(arithmetic.sqrt, cast(x, result_type(x, exponent)))[0]
        if exponent in WHOLE and x._dtype != bool_:
            like = cast(x, result_type(x, exponent))
            if exponent == 2:
                return apply(arithmetic.square, like)[0]
            return apply(whole_power, like, exponent=int(exponent))[0]
    return operate(power_op, x, exponent)


POWERS = arithmetic.square, arithmetic.sqrt, whole_power, power_op
WHOLE = {*range(-4, 0), *range(2, 9)}  # exponents whose powers are made of few products


@public("maximum")
def maximum(x: T, other: TensorBase, *, out: T | None = None) -> T:
    """The larger of both, element by element; NaN wins.

    Source: https://pytorch.org/docs/stable/generated/torch.maximum.html

    >>> import knoll
    >>> knoll.maximum(knoll.tensor([1, 5]), knoll.tensor([3, 2]))
    tensor([3, 5])
    """
    return operate(maximum_op, x, other)


@public("minimum")
def minimum(x: T, other: TensorBase, *, out: T | None = None) -> T:
    """The smaller of both, element by element; NaN wins.

    Source: https://pytorch.org/docs/stable/generated/torch.minimum.html

    >>> import knoll
    >>> knoll.minimum(knoll.tensor([1, 5]), knoll.tensor([3, 2]))
    tensor([1, 2])
    """
    return operate(minimum_op, x, other)


@public("matmul")
def matmul(x: T, other: TensorBase, *, out: T | None = None) -> T:
    """The matrix product, as `@`: (…, m, k) and (…, k, n) → (…, m, n); a vector stands for one row or one column.

    Source: https://pytorch.org/docs/stable/generated/torch.matmul.html

    >>> from knoll.tensor import tensor
    >>> tensor([[1.0, 2.0]]) @ tensor([3.0, 4.0])
    tensor([11.])
    """
    a, b = _operand(x), _operand(other)
    if not isinstance(a, TensorBase) or not isinstance(b, TensorBase):
        return NotImplemented  # type: ignore[no-any-return]  # Python's operators ask for it
    ranks = len(a.shape), len(b.shape)
    if 0 in ranks:
        raise ShapeError(f"both arguments to matmul need to be at least 1D, but they are {ranks[0]}D and {ranks[1]}D")
    if a._dtype is not b._dtype and a._dtype != b._dtype:
        raise DTypeError(f"expected m1 and m2 to have the same dtype, but got: {a._dtype} != {b._dtype}")
    if 1 not in ranks:
        return apply(matmul_op, a, b)[0]  # type: ignore[return-value]  # of the class of a
    row, column = ranks[0] == 1, ranks[1] == 1
    if row and column and a.shape != b.shape:
        raise ShapeError(
            f"inconsistent tensor size, expected tensor {list(a.shape)} and src {list(b.shape)} to have the same "
            f"number of elements, but got {a.shape[0]} and {b.shape[0]} elements respectively"
        )
    left: Any = apply(reshape, a, shape=(1, *a.shape))[0] if row else a
    right = apply(reshape, b, shape=(*b.shape, 1))[0] if column else b
    result: T = apply(matmul_op, left, right)[0]
    shape = result.shape[: -2 if row else -1] + (() if column else result.shape[-1:])
    return apply(reshape, result, shape=shape)[0]


def reflected_subtract(b: T, a: Any) -> T:
    """The difference a − b, asked of b."""
    result: T = subtract(a, b)
    return result


def reflected_divide(b: T, a: Any) -> T:
    """The quotient a / b, asked of b."""
    result: T = divide(a, b)
    return result


def reflected_floor_divide(b: T, a: Any) -> T:
    """The whole quotient a // b, asked of b."""
    result: T = floor_divide(a, b)
    return result


def reflected_remainder(b: T, a: Any) -> T:
    """The remainder a % b, asked of b."""
    result: T = remainder(a, b)
    return result


def reflected_power(b: T, a: Any) -> T:
    """The power a ** b, asked of b."""
    result: T = power(a, b)
    return result


def reflected_matmul(b: T, a: Any) -> T:
    """The matrix product a @ b, asked of b."""
    result: T = matmul(a, b)
    return result
