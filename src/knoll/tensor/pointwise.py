"""Functions of one element at a time, and softmax."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentError, DTypeError, StateError
from knoll.graph import Op
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops import elementwise, piecewise
from knoll.ops import softmax as shares
from knoll.ops.choose import choose
from knoll.ops.dtypes import c_name, refuse_dtype, scalar_name
from knoll.ops.reduce import normalised
from knoll.tensor.arguments import Operand, public
from knoll.tensor.arithmetic import cast, divide, greater_equal, less_equal, multiply
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import bool_, dtype_of, fitting, float16, float32, floating, int64, result_type, uint8
from knoll.tensor.record import apply


def _one(op: Op, x: T) -> T:
    return apply(op, x)[0]


def in_floats(op: Op, x: T) -> T:
    """The operation on x, whose integers and truths become float32."""
    return apply(op, cast(x, floating(x)))[0]


@public("neg")
def negative(x: T, *, out: T | None = None) -> T:
    """−x."""
    if x._dtype == bool_:
        raise DTypeError(
            "Negation, the `-` operator, on a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return _one(elementwise.negative, x)


@public("abs")
def absolute(x: T, *, out: T | None = None) -> T:
    """The absolute value."""
    return _one(elementwise.absolute, x)


@public("sign")
def sign(x: T, *, out: T | None = None) -> T:
    """−1, 0 or 1."""
    return _one(elementwise.sign, x)


@public("floor")
def floor(x: T, *, out: T | None = None) -> T:
    """The largest whole number not above."""
    return _one(elementwise.floor, x)


@public("ceil")
def ceil(x: T, *, out: T | None = None) -> T:
    """The smallest whole number not below."""
    return _one(elementwise.ceil, x)


@public("round")
def round_even(x: T, *, decimals: int = 0, out: T | None = None) -> T:
    """The nearest whole number, or number with so many `decimals`; halves go to the even one.

    Source: https://pytorch.org/docs/stable/generated/torch.round.html

    >>> from knoll.tensor import tensor
    >>> tensor([1.25, 25.0]).round(), tensor([1.25, 25.0]).round(decimals=-1)
    (tensor([ 1., 25.]), tensor([ 0., 20.]))
    """
    if decimals == 0:
        return _one(elementwise.round_even, x)
    if x._dtype.kind != "f":
        refuse_dtype("round_cpu", x._dtype)
    wide = cast(x, float32) if x._dtype == float16 else x  # as PyTorch computes with halves
    with np.errstate(over="ignore"):
        ten = float(np.power(10.0, abs(decimals)))
    first, last = (multiply, divide) if decimals > 0 else (divide, multiply)
    return cast(last(_one(elementwise.round_even, first(wide, ten)), ten), x._dtype)


@public("square")
def square(x: T, *, out: T | None = None) -> T:
    """The square."""
    return _one(elementwise.square, cast(x, int64) if x._dtype == bool_ else x)


@public("relu")
def relu(x: T) -> T:
    """max(0, x); NaN stays."""
    return _one(elementwise.relu, x)


@public("exp")
def exp(x: T, *, out: T | None = None) -> T:
    """The power of e to x; integers give float32."""
    return in_floats(elementwise.exp, x)


@public("log")
def log(x: T, *, out: T | None = None) -> T:
    """The natural logarithm; integers give float32."""
    return in_floats(elementwise.log, x)


@public("sqrt")
def sqrt(x: T, *, out: T | None = None) -> T:
    """The square root; integers give float32."""
    return in_floats(elementwise.sqrt, x)


@public("sin")
def sin(x: T, *, out: T | None = None) -> T:
    """The sine; integers give float32."""
    return in_floats(elementwise.sin, x)


@public("cos")
def cos(x: T, *, out: T | None = None) -> T:
    """The cosine; integers give float32."""
    return in_floats(elementwise.cos, x)


@public("sigmoid")
def sigmoid(x: T, *, out: T | None = None) -> T:
    """1 / (1 + exp(−x)); integers give float32."""
    return in_floats(elementwise.sigmoid, x)


@public("tanh")
def tanh(x: T, *, out: T | None = None) -> T:
    """The hyperbolic tangent; integers give float32."""
    return in_floats(elementwise.tanh, x)


@public("bitwise_not")
def bitwise_not(x: T, *, out: T | None = None) -> T:
    """Not, bit by bit."""
    return _one(elementwise.bitwise_not, x)


@public("isnan")
def isnan(x: T) -> T:
    """Where x is no number."""
    return _one(elementwise.is_nan, x)


@public("isinf")
def isinf(x: T) -> T:
    """Where x is infinite."""
    return _one(elementwise.is_infinite, x)


@public("isfinite")
def isfinite(x: T) -> T:
    """Where x is neither infinite nor no number."""
    return _one(elementwise.is_finite, x)


@public("clamp")
def clamp(x: T, min: Operand | None = None, max: Operand | None = None, *, out: T | None = None) -> T:  # noqa: A002 (as in PyTorch)
    """x, no less than `min` and no more than `max`; the gradient is 1 between them, ends included.

    Source: https://pytorch.org/docs/stable/generated/torch.clamp.html

    >>> import knoll
    >>> knoll.clamp(knoll.tensor([-2.0, 0.5, 2.0]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise ArgumentError("torch.clamp: At least one of 'min' or 'max' must not be None")
    low: Any = -math.inf if min is None else min
    high: Any = math.inf if max is None else max
    if x._dtype.kind == "f" and _is_number(low) and _is_number(high) and low <= high:
        return apply(piecewise.clamp, x, low=float(low), high=float(high))[0]
    inside = x
    if min is not None:
        inside = where(greater_equal(x, min), inside, min)
    if max is not None:
        inside = where(less_equal(inside, max), inside, max)
    return inside if x._dtype.kind != "f" else where(isnan(x), x, inside)


def _is_number(bound: Any) -> bool:
    """Whether it is a number of Python, and no truth value."""
    return bound.__class__ in (int, float)


@public("where")
def where(condition: T, input: Operand, other: Operand, *, out: T | None = None) -> T:  # noqa: A002 (as in PyTorch)
    """Elements of a where the condition holds, of b elsewhere; all three broadcast.

    Source: https://pytorch.org/docs/stable/generated/torch.where.html

    >>> import knoll
    >>> knoll.where(knoll.tensor([True, False]), 1.0, 2.0)
    tensor([1., 2.])
    """
    if condition._dtype not in (bool_, uint8):
        raise StateError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            + scalar_name(condition._dtype),
            advice=say("tensor.compare_first"),
        )
    dtype = result_type(input, other)
    kind = type(condition)
    return apply(choose, cast(condition, bool_), _held(kind, input, dtype), _held(kind, other, dtype))[0]


def _held(kind: type[T], value: Any, dtype: DType) -> T:
    """A tensor or a number in an element type that has to hold it."""
    return cast(value, dtype) if isinstance(value, kind._public) else kind._over(fitting(value, dtype))


@public("masked_fill")
def masked_fill(x: T, mask: TensorBase, value: Operand) -> T:
    """`value` where the mask holds, x elsewhere."""
    if mask._dtype != bool_:
        raise StateError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {c_name(mask._dtype)}",
            advice=say("tensor.compare_first"),
        )
    if axes := len(getattr(value, "shape", ())):
        raise StateError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {axes} dimension(s)."
        )
    given: TensorBase = _held(type(x), value, x._dtype)
    result: T = apply(choose, mask, given, x)[0]  # type: ignore[assignment]
    return result


@public("softmax")
def softmax(x: T, dim: int, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """exp(x) as a share of its sum along `dim`, computed in `dtype` if that is given.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html

    >>> import knoll
    >>> knoll.softmax(knoll.tensor([1000.0, 1000.0]), 0)
    tensor([0.5000, 0.5000])
    """
    return _along(shares.softmax, x, dim, dtype)


@public("log_softmax")
def log_softmax(x: T, dim: int, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """The logarithm of `softmax`, without overflow."""
    return _along(shares.log_softmax, x, dim, dtype)


def _along(op: Op, x: T, dim: int, dtype: DTypeLike | None) -> T:
    x = x if dtype is None else cast(x, dtype_of(dtype))
    axis = (*normalised((dim,), len(x.shape)), 0)[0]
    return apply(op, x, axis=axis)[0]
