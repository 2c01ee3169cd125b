"""Elements chosen from two tensors by a condition, and bounds, which are such a choice.

Source: https://pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from __future__ import annotations

import math
from typing import Any, overload

import numpy as np

from knoll.calls import missing_sentence
from knoll.errors import ArgumentError, ArgumentTypeError, DTypeError, StateError
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops.activation import piecewise
from knoll.ops.dtypes import c_name, scalar_name
from knoll.ops.elementwise import pairs
from knoll.ops.elementwise.choose import choose
from knoll.tensor.arguments import Operand, public
from knoll.tensor.autograd.gradients import detach
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import bool_, fitting, float32, result_type, uint8
from knoll.tensor.elementwise.arithmetic import cast, operate
from knoll.tensor.elementwise.comparisons import equal, greater, greater_equal, less, less_equal
from knoll.tensor.elementwise.logic import logical_and, logical_or
from knoll.tensor.elementwise.predicates import isnan
from knoll.tensor.indexing.places import nonzero
from knoll.tensor.record import apply

__all__ = [
    "clamp",
    "clamp_max",
    "clamp_min",
    "copysign",
    "fmax",
    "fmin",
    "heaviside",
    "masked_fill",
    "nan_to_num",
    "where",
]


@overload
def where(condition: T) -> tuple[T, ...]: ...
@overload
def where(condition: T, input: Operand, other: Operand, *, out: T | None = None) -> T: ...
@public("where")
def where(
    condition: T,
    input: Operand | None = None,  # noqa: A002 (as in PyTorch)
    other: Operand | None = None,
    *,
    out: T | None = None,
) -> T | tuple[T, ...]:
    """Elements of `input` where the condition holds, of `other` elsewhere; all three broadcast.

    The condition alone gives the places where it holds, as `nonzero(condition, as_tuple=True)`.

    Source: https://pytorch.org/docs/stable/generated/torch.where.html

    >>> import knoll
    >>> knoll.where(knoll.tensor([True, False]), 1.0, 2.0)
    tensor([1., 2.])
    >>> knoll.where(knoll.tensor([True, False, True]))
    (tensor([0, 2]),)
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if input is None or other is None:
        raise ArgumentTypeError(missing_sentence("where", ["input" if input is None else "other"]))
    if condition._dtype not in (bool_, uint8):
        raise StateError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            + scalar_name(condition._dtype),
            advice=say("tensor.compare_first"),
        )
    dtype = result_type(input, other)
    kind = type(condition)
    return apply(choose, cast(condition, bool_), _fitting(kind, input, dtype), _fitting(kind, other, dtype))[0]


def _fitting(kind: type[T], value: Any, dtype: DType) -> T:
    """A tensor or a number in an element type that has to hold it."""
    return cast(value, dtype) if isinstance(value, kind._public) else kind._over(fitting(value, dtype))


@public("masked_fill")
def masked_fill(x: T, mask: TensorBase, value: Operand) -> T:
    """`value` where the mask holds, x elsewhere.

    Source: https://pytorch.org/docs/stable/generated/torch.masked_fill.html

    >>> import knoll
    >>> knoll.masked_fill(knoll.tensor([1, 2]), knoll.tensor([True, False]), 9)
    tensor([9, 2])
    """
    if mask._dtype != bool_:
        raise StateError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {c_name(mask._dtype)}",
            advice=say("tensor.compare_first"),
        )
    if axes := len(getattr(value, "shape", ())):
        raise StateError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {axes} dimension(s)."
        )
    given: TensorBase = _fitting(type(x), value, x._dtype)
    result: T = apply(choose, mask, given, x)[0]  # type: ignore[assignment]  # of the class of x
    return result


def written_by_mask(numbers: Array, mask: TensorBase, _: Any) -> Array:
    """Which elements `masked_fill` writes, of the numbers of all."""
    held: Array = np.broadcast_to(mask._realize(), numbers.shape)
    return np.asarray(numbers[held])


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
    return _between(x, min, max)


def _between(x: T, min: Operand | None, max: Operand | None) -> T:  # noqa: A002 (as in PyTorch)
    """x between bounds, as PyTorch shares its gradient: nobody has it where one of the three is NaN."""
    dtype = result_type(x, *(bound for bound in (min, max) if bound is not None))
    low, high = (None if bound is None else _fitting(type(x), bound, dtype) for bound in (min, max))
    rest: Any = math.nan if dtype.kind == "f" else 0
    if low is None or high is None:
        bound: Any = high if low is None else low
        beyond, within = (less, greater_equal) if high is None else (greater, less_equal)
        return where(beyond(x, bound), bound, where(within(x, bound), x, rest))
    rest = where(less(x, low), detach(high), rest)  # where both bounds are equal
    inside: T = where(logical_and(greater_equal(x, low), less_equal(x, high)), x, rest)
    above = logical_or(logical_and(greater(x, high), equal(low, low)), logical_and(less(high, low), equal(x, x)))
    return where(logical_and(less(x, low), less(low, high)), low, where(above, high, inside))


@public("clamp_min")
def clamp_min(x: T, min: Operand, *, out: T | None = None) -> T:  # noqa: A002 (as in PyTorch)
    """x, no less than `min`.

    Source: https://pytorch.org/docs/stable/generated/torch.clamp_min.html

    >>> import knoll
    >>> knoll.clamp_min(knoll.tensor([1.0, 5.0]), 3)
    tensor([3., 5.])
    """
    return clamp(x, min)


@public("clamp_max")
def clamp_max(x: T, max: Operand, *, out: T | None = None) -> T:  # noqa: A002 (as in PyTorch)
    """x, no more than `max`.

    Source: https://pytorch.org/docs/stable/generated/torch.clamp_max.html

    >>> import knoll
    >>> knoll.clamp_max(knoll.tensor([1.0, 5.0]), 3)
    tensor([1., 3.])
    """
    return clamp(x, None, max)


def _is_number(bound: Any) -> bool:
    """Whether it is a number of Python, and no truth value."""
    return bound.__class__ in (int, float)


@public("fmax")
def fmax(x: T, other: T, *, out: T | None = None) -> T:
    """The larger of two elements; the other one where one is NaN. The gradient of equal ones is that of x.

    Source: https://pytorch.org/docs/stable/generated/torch.fmax.html

    >>> import knoll
    >>> knoll.fmax(knoll.tensor([1.0, float("nan")]), knoll.tensor([0.0, 2.0]))
    tensor([1., 2.])
    """
    return where(logical_or(greater_equal(x, other), isnan(other)), x, other)


@public("fmin")
def fmin(x: T, other: T, *, out: T | None = None) -> T:
    """The smaller of two elements; the other one where one is NaN. The gradient of equal ones is that of x.

    Source: https://pytorch.org/docs/stable/generated/torch.fmin.html

    >>> import knoll
    >>> knoll.fmin(knoll.tensor([1.0, float("nan")]), knoll.tensor([0.0, 2.0]))
    tensor([0., 2.])
    """
    return where(logical_or(less_equal(x, other), isnan(other)), x, other)


@public("copysign")
def copysign(x: T, other: Operand, *, out: T | None = None) -> T:
    """|x| with the sign of `other`, that of −0 too.

    Source: https://pytorch.org/docs/stable/generated/torch.copysign.html

    >>> import knoll
    >>> knoll.copysign(knoll.tensor([1.0, -2.0]), knoll.tensor([-0.0, 3.0]))
    tensor([-1.,  2.])
    """
    return operate(pairs.copysign, x, other, float32)


@public("heaviside")
def heaviside(x: T, values: T, *, out: T | None = None) -> T:
    """0 for negative numbers, 1 for positive ones, `values` at 0. Raises DTypeError for other element types.

    Source: https://pytorch.org/docs/stable/generated/torch.heaviside.html

    >>> import knoll
    >>> knoll.heaviside(knoll.tensor([-1.0, 0.0, 2.0]), knoll.tensor([0.5]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    if x._dtype != values._dtype:
        raise DTypeError(
            "heaviside is not yet implemented for tensors with different dtypes.",
            got=f"{scalar_name(x._dtype)}, {scalar_name(values._dtype)}",
        )
    above: T = cast(greater(x, 0), x._dtype)
    return where(equal(x, 0), values, above)


@public("nan_to_num")
def nan_to_num(
    x: T, nan: float | None = None, posinf: float | None = None, neginf: float | None = None, *, out: T | None = None
) -> T:
    """`nan` (0 without it) for what is no number; the largest and least number of the type, or those given, for ±∞.

    Source: https://pytorch.org/docs/stable/generated/torch.nan_to_num.html

    >>> import knoll
    >>> knoll.nan_to_num(knoll.tensor([float("nan"), float("inf"), 2.0]), posinf=9.0)
    tensor([0., 9., 2.])
    """
    if x._dtype.kind != "f":
        return x
    bounds = np.finfo(x._dtype)
    high, low = (float(b) if g is None else g for g, b in ((posinf, bounds.max), (neginf, bounds.min)))
    numbers: T = where(isnan(x), 0.0 if nan is None else nan, x)
    below: T = where(equal(x, math.inf), high, numbers)
    return where(equal(x, -math.inf), low, below)


@public("where")
def where_else(x: T, condition: T, other: Operand) -> T:
    """x where the condition holds, `other` elsewhere.

    >>> import knoll
    >>> knoll.tensor([1, 2]).where(knoll.tensor([True, False]), 0)
    tensor([1, 0])
    """
    return where(condition, x, other)
