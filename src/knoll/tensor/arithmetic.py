"""Arithmetic and comparisons on tensors and numbers, with PyTorch's element types and broadcasting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import DTypeError, ShapeError
from knoll.graph import Array, Op
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops import elementwise
from knoll.ops.linear import matmul as matmul_op
from knoll.ops.reshape import convert, reshape
from knoll.tensor import inplace
from knoll.tensor.arguments import Operand, public
from knoll.tensor.dtypes import RANK, bool_, fitting, float32, float64, int64, result_type
from knoll.tensor.record import apply

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


def cast(x: Tensor, dtype: DType) -> Tensor:
    """The same tensor in another element type."""
    return x if x._dtype == dtype else apply(convert, x, dtype=dtype.name)[0]


def _operand(other: Any) -> Any:
    """A tensor or a number, or NotImplemented for anything else; arrays count as tensors."""
    from knoll.tensor.tensor import Tensor  # Tensor is made of these

    if isinstance(other, (Tensor, bool, int, float, np.bool_, np.integer, np.floating)):
        return other
    return Tensor._holding(other) if isinstance(other, np.ndarray) else NotImplemented


def _as(operand: Any, dtype: DType) -> Tensor:
    from knoll.tensor.tensor import Tensor  # Tensor is made of these

    if isinstance(operand, Tensor):
        return cast(operand, dtype)
    if not -SAFE <= operand <= SAFE:
        return Tensor._over(_converted(operand, dtype))
    return Tensor._over(np.asarray(operand).astype(dtype))


SAFE = 65504  # every element type of floats holds numbers up to here


def _converted(number: Any, dtype: DType) -> Array:
    """A large number in another element type: infinite where no float holds it, refused where no int64 does."""
    if isinstance(number, (int, np.integer)):
        fitting(number, int64 if dtype.kind in "iub" else float64)
    with np.errstate(all="ignore"):
        return np.asarray(float(number) if dtype.kind == "f" else number).astype(dtype)


def operate(op: Op, a: Any, b: Any, least: DType | None = None) -> Any:
    """`op` on both, in the element type that they make together; `least` is the kind that it has to reach."""
    from knoll.tensor.tensor import Tensor  # Tensor is made of these

    a, b = _operand(a), _operand(b)
    if a is NotImplemented or b is NotImplemented:
        return NotImplemented
    if least is None and isinstance(a, Tensor) and isinstance(b, Tensor) and a._dtype == b._dtype:
        return apply(op, a, b)[0]
    dtype = result_type(a, b)
    if least is not None and RANK[dtype.kind] < RANK[least.kind]:
        dtype = least
    return apply(op, _as(a, dtype), _as(b, dtype))[0]


@public("add")
def add(x: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """The sum a + b, or a + alpha × b."""
    result: Tensor = operate(elementwise.add, x, other if alpha == 1 else operate(elementwise.multiply, other, alpha))
    return result


@public("sub")
def subtract(x: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """The difference a − b, or a − alpha × b."""
    truths = [part for part in map(_operand, (x, other)) if part is not NotImplemented and result_type(part) == bool_]
    if truths:
        raise DTypeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. "
            "Use the `^` or `logical_xor()` operator instead."
            if len(truths) == 2
            else "Subtraction, the `-` operator, with a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    result: Tensor = operate(
        elementwise.subtract, x, other if alpha == 1 else operate(elementwise.multiply, other, alpha)
    )
    return result


@public("mul")
def multiply(x: Operand, other: Operand) -> Tensor:
    """The product, element by element."""
    result: Tensor = operate(elementwise.multiply, x, other)
    return result


@public("div")
def divide(x: Operand, other: Operand) -> Tensor:
    """The quotient a / b; integers give float32."""
    result: Tensor = operate(elementwise.divide, x, other, float32)
    return result


@public("floor_divide")
def floor_divide(x: Operand, other: Operand) -> Tensor:
    """The largest whole number not above a / b."""
    result: Tensor = operate(elementwise.floor_divide, x, other)
    return result


@public("remainder")
def remainder(x: Operand, other: Operand) -> Tensor:
    """What is left of a after whole multiples of b; it has the sign of b."""
    result: Tensor = operate(elementwise.remainder, x, other)
    return result


@public("pow")
def power(x: Operand, exponent: Operand) -> Tensor:
    """The power of x to `exponent`."""
    from knoll.tensor.tensor import Tensor  # Tensor is made of these

    if isinstance(x, Tensor) and isinstance(exponent, (int, float)):
        whole = x._dtype.kind != "f" and isinstance(exponent, int)
        if whole and exponent < 0:
            raise DTypeError("Integers to negative integer powers are not allowed.", advice=say("tensor.as_float"))
        if whole and exponent > SAFE:
            fitting(exponent, x._dtype)
        if exponent == 2 and x._dtype != bool_:
            return apply(elementwise.square, cast(x, result_type(x, exponent)))[0]
        if exponent == 0.5:
            return apply(elementwise.sqrt, cast(x, result_type(x, exponent)))[0]
    result: Tensor = operate(elementwise.power, x, exponent)
    return result


@public("maximum")
def maximum(x: Tensor, other: Tensor) -> Tensor:
    """The larger of both, element by element; NaN wins."""
    result: Tensor = operate(elementwise.maximum, x, other)
    return result


@public("minimum")
def minimum(x: Tensor, other: Tensor) -> Tensor:
    """The smaller of both, element by element; NaN wins."""
    result: Tensor = operate(elementwise.minimum, x, other)
    return result


@public("matmul")
def matmul(x: Tensor, other: Tensor) -> Any:
    """The matrix product, as `@`: (…, m, k) and (…, k, n) → (…, m, n); a vector stands for one row or one column.

    Source: https://pytorch.org/docs/stable/generated/torch.matmul.html

    >>> from knoll.tensor import tensor
    >>> tensor([[1.0, 2.0]]) @ tensor([3.0, 4.0])
    tensor([11.])
    """
    from knoll.tensor.tensor import Tensor  # Tensor is made of these

    a, b = _operand(x), _operand(other)
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return NotImplemented
    if not a.shape or not b.shape:
        raise ShapeError(
            f"both arguments to matmul need to be at least 1D, but they are {len(a.shape)}D and {len(b.shape)}D"
        )
    if a._dtype != b._dtype:
        raise DTypeError(f"expected m1 and m2 to have the same dtype, but got: {a._dtype} != {b._dtype}")
    row, column = len(a.shape) == 1, len(b.shape) == 1
    if row and column and a.shape != b.shape:
        raise ShapeError(
            f"inconsistent tensor size, expected tensor {list(a.shape)} and src {list(b.shape)} to have the same "
            f"number of elements, but got {a.shape[0]} and {b.shape[0]} elements respectively"
        )
    left = apply(reshape, a, shape=(1, *a.shape))[0] if row else a
    right = apply(reshape, b, shape=(*b.shape, 1))[0] if column else b
    product = apply(matmul_op, left, right)[0]
    if not row and not column:
        return product
    shape = product.shape[: -2 if row else -1] + (() if column else product.shape[-1:])
    return apply(reshape, product, shape=shape)[0]


@public("eq")
def equal(x: Operand, other: Operand) -> Any:
    """Where both are equal."""
    return operate(elementwise.equal, x, other)


@public("ne")
def not_equal(x: Operand, other: Operand) -> Any:
    """Where both differ."""
    return operate(elementwise.not_equal, x, other)


@public("lt")
def less(x: Operand, other: Operand) -> Any:
    """Where a is less."""
    return operate(elementwise.less, x, other)


@public("le")
def less_equal(x: Operand, other: Operand) -> Any:
    """Where a is not greater."""
    return operate(elementwise.less_equal, x, other)


@public("gt")
def greater(x: Operand, other: Operand) -> Any:
    """Where a is greater."""
    return operate(elementwise.greater, x, other)


@public("ge")
def greater_equal(x: Operand, other: Operand) -> Any:
    """Where a is not less."""
    return operate(elementwise.greater_equal, x, other)


@public("bitwise_and")
def bitwise_and(x: Operand, other: Operand) -> Any:
    """Bitwise and."""
    return operate(elementwise.bitwise_and, x, other)


@public("bitwise_or")
def bitwise_or(x: Operand, other: Operand) -> Any:
    """Bitwise or."""
    return operate(elementwise.bitwise_or, x, other)


@public("bitwise_xor")
def bitwise_xor(x: Operand, other: Operand) -> Any:
    """Bitwise exclusive or."""
    return operate(elementwise.bitwise_xor, x, other)


def _truths(x: Tensor) -> Tensor:
    """Where x is not zero; NaN is not."""
    return x if x._dtype == bool_ else cast(x, bool_)


@public("logical_and")
def logical_and(x: Tensor, other: Tensor) -> Tensor:
    """Whether neither element is zero.

    Source: https://pytorch.org/docs/stable/generated/torch.logical_and.html

    >>> from knoll.tensor import tensor
    >>> logical_and(tensor([1, 2, 0]), tensor([2, 1, 1]))
    tensor([ True,  True, False])
    """
    return apply(elementwise.bitwise_and, _truths(x), _truths(other))[0]


@public("logical_or")
def logical_or(x: Tensor, other: Tensor) -> Tensor:
    """Whether one element or the other is not zero."""
    return apply(elementwise.bitwise_or, _truths(x), _truths(other))[0]


@public("logical_xor")
def logical_xor(x: Tensor, other: Tensor) -> Tensor:
    """Whether one element is zero and the other is not."""
    return apply(elementwise.bitwise_xor, _truths(x), _truths(other))[0]


@public("logical_not")
def logical_not(x: Tensor) -> Tensor:
    """Whether the element is zero."""
    return apply(elementwise.bitwise_not, _truths(x))[0]


def reflected_subtract(b: Tensor, a: Any) -> Any:
    """The difference a − b, asked of b."""
    return subtract(a, b)


def reflected_divide(b: Tensor, a: Any) -> Any:
    """The quotient a / b, asked of b."""
    return divide(a, b)


def reflected_floor_divide(b: Tensor, a: Any) -> Any:
    """The whole quotient a // b, asked of b."""
    return floor_divide(a, b)


def reflected_remainder(b: Tensor, a: Any) -> Any:
    """The remainder a % b, asked of b."""
    return remainder(a, b)


def reflected_power(b: Tensor, a: Any) -> Any:
    """The power a ** b, asked of b."""
    return power(a, b)


def reflected_matmul(b: Tensor, a: Any) -> Any:
    """The matrix product a @ b, asked of b."""
    return matmul(a, b)


@public("add_")
def add_(x: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    """Add alpha × other, in place."""
    return inplace.change(x, lambda former, b: add(former, b, alpha=alpha), other)


@public("sub_")
def subtract_(x: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    """Subtract alpha × other, in place."""
    return inplace.change(x, lambda former, b: subtract(former, b, alpha=alpha), other)


@public("mul_")
def multiply_(x: Tensor, other: Operand) -> Tensor:
    """Multiply by other, in place."""
    return inplace.change(x, multiply, other)


@public("div_")
def divide_(x: Tensor, other: Operand) -> Tensor:
    """Divide by other, in place."""
    return inplace.change(x, divide, other)


@public("pow_")
def power_(x: Tensor, exponent: Operand) -> Tensor:
    """Raise to the power `exponent`, in place."""
    return inplace.change(x, power, exponent)


@public("floor_divide_")
def floor_divide_(x: Tensor, other: Operand) -> Tensor:
    """Divide by other and round down, in place."""
    return inplace.change(x, floor_divide, other)


@public("remainder_")
def remainder_(x: Tensor, other: Operand) -> Tensor:
    """Keep the remainder of the division by other, in place."""
    return inplace.change(x, remainder, other)


@public("bitwise_and_")
def bitwise_and_(x: Tensor, other: Operand) -> Tensor:
    """Bitwise and, in place."""
    return inplace.change(x, bitwise_and, other)


@public("bitwise_or_")
def bitwise_or_(x: Tensor, other: Operand) -> Tensor:
    """Bitwise or, in place."""
    return inplace.change(x, bitwise_or, other)


@public("bitwise_xor_")
def bitwise_xor_(x: Tensor, other: Operand) -> Tensor:
    """Bitwise exclusive or, in place."""
    return inplace.change(x, bitwise_xor, other)


@public("clamp_")
def clamp_(x: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:  # noqa: A002 (as in PyTorch)
    """x, no less than `min` and no more than `max`, in place."""
    from knoll.tensor.pointwise import clamp  # pointwise is made of arithmetic

    return inplace.change(x, clamp, min, max)
