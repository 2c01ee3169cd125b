"""Functions of one element at a time, and softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Op
from knoll.ops import elementwise
from knoll.ops import softmax as shares
from knoll.ops.reduce import normalised
from knoll.tensor.arithmetic import cast
from knoll.tensor.dtypes import bool_, dtype_of, floating, result_type
from knoll.tensor.record import apply

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


def _one(op: Op, x: Tensor) -> Tensor:
    return apply(op, x)[0]


def _float(op: Op, x: Tensor) -> Tensor:
    return apply(op, cast(x, floating(x)))[0]


def negative(x: Tensor) -> Tensor:
    """−x."""
    return _one(elementwise.negative, x)


def absolute(x: Tensor) -> Tensor:
    """The absolute value."""
    return _one(elementwise.absolute, x)


def sign(x: Tensor) -> Tensor:
    """−1, 0 or 1."""
    return _one(elementwise.sign, x)


def floor(x: Tensor) -> Tensor:
    """The largest whole number not above."""
    return _one(elementwise.floor, x)


def ceil(x: Tensor) -> Tensor:
    """The smallest whole number not below."""
    return _one(elementwise.ceil, x)


def round_even(x: Tensor) -> Tensor:
    """The nearest whole number; halves go to the even one."""
    return _one(elementwise.round_even, x)


def square(x: Tensor) -> Tensor:
    """The square."""
    return _one(elementwise.square, x)


def relu(x: Tensor) -> Tensor:
    """max(0, x); NaN stays."""
    return _one(elementwise.relu, x)


def exp(x: Tensor) -> Tensor:
    """The power of e to x; integers give float32."""
    return _float(elementwise.exp, x)


def log(x: Tensor) -> Tensor:
    """The natural logarithm; integers give float32."""
    return _float(elementwise.log, x)


def sqrt(x: Tensor) -> Tensor:
    """The square root; integers give float32."""
    return _float(elementwise.sqrt, x)


def sin(x: Tensor) -> Tensor:
    """The sine; integers give float32."""
    return _float(elementwise.sin, x)


def cos(x: Tensor) -> Tensor:
    """The cosine; integers give float32."""
    return _float(elementwise.cos, x)


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + exp(−x)); integers give float32."""
    return _float(elementwise.sigmoid, x)


def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent; integers give float32."""
    return _float(elementwise.tanh, x)


def invert(x: Tensor) -> Tensor:
    """Not, bit by bit."""
    return _one(elementwise.invert, x)


def isnan(x: Tensor) -> Tensor:
    """Where x is no number."""
    return _one(elementwise.is_nan, x)


def isinf(x: Tensor) -> Tensor:
    """Where x is infinite."""
    return _one(elementwise.is_infinite, x)


def isfinite(x: Tensor) -> Tensor:
    """Where x is neither infinite nor no number."""
    return _one(elementwise.is_finite, x)


def clamp(x: Tensor, min: Any = None, max: Any = None) -> Tensor:  # noqa: A002 (as in PyTorch)
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


def where(condition: Tensor, a: Any, b: Any) -> Tensor:
    """Elements of a where the condition holds, of b elsewhere; all three broadcast.

    Source: https://pytorch.org/docs/stable/generated/torch.where.html

    >>> from knoll.tensor import tensor
    >>> where(tensor([True, False]), 1.0, 2.0)
    tensor([1., 2.])
    """
    from knoll.tensor.arithmetic import _as

    dtype = result_type(a, b)
    return apply(elementwise.choose, cast(condition, bool_), _as(a, dtype), _as(b, dtype))[0]


def masked_fill(x: Tensor, mask: Tensor, value: Any) -> Tensor:
    """`value` where the mask holds, x elsewhere."""
    return cast(where(mask, value, x), x._dtype)


def softmax(x: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp(x) as a share of its sum along `dim`, computed in `dtype` if that is given.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html

    >>> from knoll.tensor import tensor
    >>> softmax(tensor([1000.0, 1000.0]), 0)
    tensor([0.5000, 0.5000])
    """
    return _along(shares.softmax, x, dim, dtype)


def log_softmax(x: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """The logarithm of `softmax`, without overflow."""
    return _along(shares.log_softmax, x, dim, dtype)


def _along(op: Op, x: Tensor, dim: int, dtype: Any) -> Tensor:
    if type(dim) is not int:
        raise ArgumentTypeError(f"{op}(): argument 'dim' (position 1) must be int, not {type(dim).__name__}")
    axis = (*normalised((dim,), len(x.shape)), 0)[0]
    return apply(op, x if dtype is None else cast(x, dtype_of(dtype)), axis=axis)[0]
