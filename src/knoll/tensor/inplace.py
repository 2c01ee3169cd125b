"""Changes in place: numbers that are overwritten, and results that take the place of what they were made from.

A tensor with numbers that no gradient flows through is overwritten. One that waits, or that backward reaches, becomes
the result of the operation instead, and so do its aliases.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar
from typing import cast as as_type

import numpy as np

from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.ops.dtypes import scalar_name
from knoll.ops.index import frozen, put
from knoll.tensor.alias import commit
from knoll.tensor.arguments import Operand, public
from knoll.tensor.arithmetic import (
    add,
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    cast,
    floor_divide,
    multiply,
    power,
    remainder,
    subtract,
)
from knoll.tensor.base import T, TensorBase
from knoll.tensor.choose import clamp
from knoll.tensor.concurrency import changing
from knoll.tensor.data import tensor_of
from knoll.tensor.dtypes import RANK, fitting
from knoll.tensor.generator import NORMAL, UNIFORM, float_type, normal, uniform
from knoll.tensor.gradients import clone
from knoll.tensor.overlap import Written, agreeing, check_overlap, warn_if_expanded
from knoll.tensor.record import apply, remembers, state, tracing
from knoll.tensor.shaping import expand

F = TypeVar("F", bound=Callable[..., Any])


def check_leaf(x: TensorBase, part: bool = False) -> None:
    """Refuse to change a leaf whose gradient is wanted, or `part` of it."""
    view = x._view
    if view is not None:
        view.refresh(x)
    if not state.grad or not x._requires_grad:
        return
    of_leaf = view is not None and view.steps and view.base.whole._requires_grad and view.base.whole.is_leaf
    if x.is_leaf or of_leaf:
        kind = "view of a " if of_leaf or part else ""
        raise StateError(
            f"a {kind}leaf Variable that requires grad is being used in an in-place operation.",
            advice=say("tensor.in_place"),
        )


def is_plain(x: TensorBase, *others: Any) -> bool:
    """Whether x has numbers that can be overwritten: it does not wait, and neither backward nor a trace reads them."""
    if x._value is not None or not remembers():
        return False
    if state.grad:
        for each in (x, *others):
            if isinstance(each, TensorBase) and (each._requires_grad if each._view is None else each.requires_grad):
                return False
    return True


class writing:  # noqa: N801 (a context manager)
    """The array of a plain tensor, to be overwritten; what waits for its present numbers is computed first."""

    __slots__ = ("_array", "_changing", "_memory")

    def __init__(self, x: TensorBase) -> None:
        recorder = state.recorder
        if recorder is not None and recorder.reads(x._memory):
            recorder.finish()
        self._array = x._realize()
        if not self._array.flags.writeable:
            raise ArgumentError("assignment destination is read-only", advice=say("tensor.read_only"))
        if recorder is not None:
            recorder.before_writing(self._array)
        self._memory, self._changing = x._memory, changing()

    def __enter__(self) -> Array:
        self._changing.__enter__()
        return self._array

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            self._memory.version += 1
        self._changing.__exit__()


def change(x: T, function: Callable[..., T], *others: Any) -> T:
    """Let x be `function(x, *others)` from now on."""
    check_leaf(x)
    check_overlap(x)
    return replace(x, function, *others)


def in_place(name: str, function: F, written: Callable[..., Array] | None = None) -> F:
    """The change in place that PyTorch calls `name`: what a function gives takes the place of its first argument.

    One that changes some elements says which are `written`: it gets the numbers of all and the other arguments.

    Raises what the function raises, StateError for a leaf whose gradient is wanted, ShapeError and DTypeError where the
    result does not fit.

    >>> import knoll
    >>> from knoll.tensor.inplace import in_place
    >>> in_place("relu_", knoll.relu)(knoll.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    def changed(x: Any, *others: Any, **options: Any) -> Any:
        if written is None:
            return change(x, lambda former: function(former, *others, **options))
        check_leaf(x)
        warn_if_expanded(x, name)
        return change_some(
            x,
            lambda former: function(former, *others, **options),
            lambda numbers: written(numbers, *others, **options),
        )

    result = public(name, like=function)(changed)
    told, _, rest = (inspect.getdoc(function) or "").partition("\n")
    result.__doc__ = f"{told.removesuffix('.')}, in place.\n{rest.partition('>>>')[0]}".rstrip()
    return as_type(F, result)


def replace(x: T, function: Callable[..., T], *others: Any) -> T:
    """As `change`, where it is known that x may be changed so."""
    result = _beside(function, x, *others) if _counts(x, *others) else function(x._alias(), *others)
    shape, dtype = x.shape, x._dtype
    if result.shape != shape:
        raise ShapeError(
            f"output with shape {list(shape)} doesn't match the broadcast shape {list(result.shape)}",
            advice=say("tensor.new_result"),
        )
    if RANK[result._dtype.kind] > RANK[dtype.kind]:
        raise DTypeError(
            f"result type {scalar_name(result._dtype)} can't be cast to the desired output type {scalar_name(dtype)}",
            advice=say("tensor.new_result"),
        )
    _store(x, cast(result, dtype))
    return x


def change_some(x: T, function: Callable[[T], T], written: Written) -> T:
    """As `replace`, where the `written` elements are changed; several may be one in memory."""
    agree = agreeing(x, written)
    return replace(x, lambda former: agree(function(former)))


def _counts(x: TensorBase, *others: Any) -> bool:
    """Whether this is a count beside what is recorded, as of batches: no kernel has integers, so it would cut it."""
    recorder = state.recorder
    if recorder is None or x._dtype.kind == "f":
        return False
    waits = any(isinstance(other, TensorBase) and other._value is not None for other in others)
    return not waits and is_plain(x) and not recorder.reads(x._memory)


def _beside(function: Callable[..., T], x: T, *others: Any) -> T:
    """The result of a function, computed at once."""
    with tracing(None):
        return function(x._alias(), *others)


def renew(x: TensorBase, result: TensorBase) -> None:
    """Let x, a plain tensor that others may share, have the numbers of `result`; where they wait, x waits for them."""
    if result._value is None:
        with writing(x) as array:
            np.copyto(array, result._realize())
        return
    commit(x, result, in_place=True)


def _store(x: TensorBase, result: TensorBase) -> None:
    if is_plain(x, result):
        renew(x, result)
    else:
        commit(x, result)


def zero_(x: T) -> T:
    """Fill with zeros, in place."""
    return fill_(x, 0)


@public("fill_")
def fill_(x: T, value: Operand) -> T:
    """Fill with one value, in place."""
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
    """Take over the numbers of `source`, which broadcasts, in place; the element type stays."""
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


@public("normal_")
def normal_(x: T, mean: float = 0, std: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with numbers of the normal distribution, in place."""
    if std < 0:
        raise StateError(f"normal expects std >= 0.0, but found std {std:g}")
    return copy_(x, add(multiply(x._over(normal(x.shape, float_type(x._dtype, NORMAL), generator)), std), mean))


@public("uniform_")
def uniform_(x: T, low: float = 0, high: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with numbers spread evenly over [low, high), in place."""
    if low > high:
        raise StateError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    return copy_(x, add(multiply(x._over(uniform(x.shape, float_type(x._dtype, UNIFORM), generator)), high - low), low))


@public("add_")
def add_(x: T, other: Operand, *, alpha: float = 1) -> T:
    """Add alpha × other, in place."""
    return change(x, lambda former, b: add(former, b, alpha=alpha), other)


@public("sub_")
def subtract_(x: T, other: Operand, *, alpha: float = 1) -> T:
    """Subtract alpha × other, in place."""
    return change(x, lambda former, b: subtract(former, b, alpha=alpha), other)


@public("mul_")
def multiply_(x: T, other: Operand) -> T:
    """Multiply by other, in place."""
    return change(x, multiply, other)


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
