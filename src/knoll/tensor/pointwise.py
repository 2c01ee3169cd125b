"""Functions of one element at a time, and softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knoll.errors import ArgumentError, StateError
from knoll.graph import Op
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops import elementwise
from knoll.ops import softmax as shares
from knoll.ops.dtypes import c_name, scalar_name
from knoll.ops.reduce import normalised
from knoll.tensor.arguments import DTypeLike, Operand, public
from knoll.tensor.arithmetic import cast
from knoll.tensor.dtypes import bool_, fitting, floating, int64, result_type, uint8
from knoll.tensor.record import apply

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


def _one(op: Op, x: Tensor) -> Tensor:
    return apply(op, x)[0]


def _float(op: Op, x: Tensor) -> Tensor:
    return apply(op, cast(x, floating(x)))[0]


@public("neg")
def negative(x: Tensor) -> Tensor:
    """−x."""
    return _one(elementwise.negative, x)


@public("abs")
def absolute(x: Tensor) -> Tensor:
    """The absolute value."""
    return _one(elementwise.absolute, x)


@public("sign")
def sign(x: Tensor) -> Tensor:
    """−1, 0 or 1."""
    return _one(elementwise.sign, x)


@public("floor")
def floor(x: Tensor) -> Tensor:
    """The largest whole number not above."""
    return _one(elementwise.floor, x)


@public("ceil")
def ceil(x: Tensor) -> Tensor:
    """The smallest whole number not below."""
    return _one(elementwise.ceil, x)


@public("round")
def round_even(x: Tensor) -> Tensor:
    """The nearest whole number; halves go to the even one."""
    return _one(elementwise.round_even, x)


@public("square")
def square(x: Tensor) -> Tensor:
    """The square."""
    return _one(elementwise.square, cast(x, int64) if x._dtype == bool_ else x)


@public("relu")
def relu(x: Tensor) -> Tensor:
    """max(0, x); NaN stays."""
    return _one(elementwise.relu, x)


@public("exp")
def exp(x: Tensor) -> Tensor:
    """The power of e to x; integers give float32."""
    return _float(elementwise.exp, x)


@public("log")
def log(x: Tensor) -> Tensor:
    """The natural logarithm; integers give float32."""
    return _float(elementwise.log, x)


@public("sqrt")
def sqrt(x: Tensor) -> Tensor:
    """The square root; integers give float32."""
    return _float(elementwise.sqrt, x)


@public("sin")
def sin(x: Tensor) -> Tensor:
    """The sine; integers give float32."""
    return _float(elementwise.sin, x)


@public("cos")
def cos(x: Tensor) -> Tensor:
    """The cosine; integers give float32."""
    return _float(elementwise.cos, x)


@public("sigmoid")
def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + exp(−x)); integers give float32."""
    return _float(elementwise.sigmoid, x)


@public("tanh")
def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent; integers give float32."""
    return _float(elementwise.tanh, x)


@public("bitwise_not")
def bitwise_not(x: Tensor) -> Tensor:
    """Not, bit by bit."""
    return _one(elementwise.bitwise_not, x)


@public("isnan")
def isnan(x: Tensor) -> Tensor:
    """Where x is no number."""
    return _one(elementwise.is_nan, x)


@public("isinf")
def isinf(x: Tensor) -> Tensor:
    """Where x is infinite."""
    return _one(elementwise.is_infinite, x)


@public("isfinite")
def isfinite(x: Tensor) -> Tensor:
    """Where x is neither infinite nor no number."""
    return _one(elementwise.is_finite, x)


@public("clamp")
def clamp(x: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:  # noqa: A002 (as in PyTorch)
    """x, no less than `min` and no more than `max`; the gradient is 1 between them, ends included.

    Source: https://pytorch.org/docs/stable/generated/torch.clamp.html

    >>> from knoll.tensor import tensor
    >>> clamp(tensor([-2.0, 0.5, 2.0]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise ArgumentError("torch.clamp: At least one of 'min' or 'max' must not be None")
    inside = x
    if min is not None:
        inside = where(x >= min, inside, min)
    if max is not None:
        inside = where(inside <= max, inside, max)
    return inside if x._dtype.kind != "f" else where(isnan(x), x, inside)


@public("where")
def where(condition: Tensor, input: Operand, other: Operand) -> Tensor:  # noqa: A002 (as in PyTorch)
    """Elements of a where the condition holds, of b elsewhere; all three broadcast.

    Source: https://pytorch.org/docs/stable/generated/torch.where.html

    >>> from knoll.tensor import tensor
    >>> where(tensor([True, False]), 1.0, 2.0)
    tensor([1., 2.])
    """
    if condition._dtype not in (bool_, uint8):
        raise StateError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            + scalar_name(condition._dtype),
            advice=say("tensor.compare_first"),
        )
    dtype = result_type(input, other)
    return apply(elementwise.choose, cast(condition, bool_), _held(input, dtype), _held(other, dtype))[0]


def _held(value: Any, dtype: DType) -> Tensor:
    """A tensor or a number in an element type that has to hold it."""
    from knoll.tensor.tensor import Tensor  # Tensor is made of these

    return cast(value, dtype) if isinstance(value, Tensor) else Tensor._over(fitting(value, dtype))


@public("masked_fill")
def masked_fill(x: Tensor, mask: Tensor, value: Operand) -> Tensor:
    """`value` where the mask holds, x elsewhere."""
    if mask._dtype != bool_:
        raise StateError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {c_name(mask._dtype)}",
            advice=say("tensor.compare_first"),
        )
    if getattr(value, "shape", ()):
        raise StateError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{len(value.shape)} dimension(s)."
        )
    return apply(elementwise.choose, mask, _held(value, x._dtype), x)[0]


@public("softmax")
def softmax(x: Tensor, dim: int, dtype: DTypeLike = None) -> Tensor:
    """exp(x) as a share of its sum along `dim`, computed in `dtype` if that is given.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html

    >>> from knoll.tensor import tensor
    >>> softmax(tensor([1000.0, 1000.0]), 0)
    tensor([0.5000, 0.5000])
    """
    return _along(shares.softmax, x, dim, dtype)


@public("log_softmax")
def log_softmax(x: Tensor, dim: int, dtype: DTypeLike = None) -> Tensor:
    """The logarithm of `softmax`, without overflow."""
    return _along(shares.log_softmax, x, dim, dtype)


def _along(op: Op, x: Tensor, dim: int, dtype: Any) -> Tensor:
    axis = (*normalised((dim,), len(x.shape)), 0)[0]
    return apply(op, x if dtype is None else cast(x, dtype), axis=axis)[0]
