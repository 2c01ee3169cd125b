"""Changes in place: numbers that are overwritten, and results that take the place of what they were made from.

A tensor with numbers that no gradient flows through is overwritten. One that waits, or that backward reaches, becomes
the result of the operation instead, and so do its aliases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops.dtypes import scalar_name
from knoll.ops.index import frozen, put
from knoll.ops.reshape import convert
from knoll.tensor.alias import as_it_lies, commit
from knoll.tensor.arguments import Operand, public
from knoll.tensor.dtypes import RANK, fitting
from knoll.tensor.record import apply, state

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


def check_leaf(x: Tensor, part: bool = False) -> None:
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


def overlaps(x: Tensor) -> bool:
    """Whether several elements of a tensor are one in memory."""
    if x._view is None and x._value is not None:
        return False
    lies = as_it_lies(x)
    return (
        lies.size > 0
        and 0 in lies.strides
        and any(step == 0 and size > 1 for step, size in zip(lies.strides, lies.shape, strict=True))
    )


def check_overlap(x: Tensor) -> None:
    """Refuse to change a tensor of which several elements are one in memory."""
    if overlaps(x):
        raise StateError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory "
            "location. Please clone() the tensor before performing the operation.",
            advice=say("tensor.overlap"),
        )


def is_plain(x: Tensor, *others: Any) -> bool:
    """Whether x has numbers that can be overwritten: it does not wait, and backward needs to know nothing."""
    return x._value is None and not (state.grad and any(getattr(t, "requires_grad", False) for t in (x, *others)))


@contextmanager
def writing(x: Tensor) -> Iterator[Array]:
    """The array of a plain tensor, to be overwritten; what waits for its present numbers is computed first."""
    recorder = state.recorder
    if recorder is not None and recorder.reads(x._memory):
        recorder.finish()
    array = x._realize()
    if not array.flags.writeable:
        raise ArgumentError("assignment destination is read-only", advice=say("tensor.read_only"))
    yield array
    x._memory.version += 1


def change(x: Tensor, function: Callable[..., Tensor], *others: Any) -> Tensor:
    """Let x be `function(x, *others)` from now on."""
    check_overlap(x)
    return replace(x, function, *others)


def replace(x: Tensor, function: Callable[..., Tensor], *others: Any) -> Tensor:
    """As `change`, for what may also be written where several elements are one in memory."""
    check_leaf(x)
    result = function(x._alias(), *others)
    if result.shape != x.shape:
        raise ShapeError(
            f"output with shape {list(x.shape)} doesn't match the broadcast shape {list(result.shape)}",
            advice=say("tensor.new_result"),
        )
    if RANK[result._dtype.kind] > RANK[x._dtype.kind]:
        raise DTypeError(
            f"result type {scalar_name(result._dtype)} can't be cast to the desired output type "
            f"{scalar_name(x._dtype)}",
            advice=say("tensor.new_result"),
        )
    _store(x, _converted(result, x._dtype))
    return x


def renew(x: Tensor, result: Tensor) -> None:
    """Let x, a plain tensor that others may share, have the numbers of `result`; where they wait, x waits for them."""
    if result._value is None:
        with writing(x) as array:
            np.copyto(array, result._realize())
        return
    commit(x, result, home=True)


def _store(x: Tensor, result: Tensor) -> None:
    if is_plain(x, result):
        with writing(x) as array:
            np.copyto(array, result._realize())
        return
    commit(x, result)


def zero_(x: Tensor) -> Tensor:
    """Fill with zeros, in place."""
    return fill_(x, 0)


@public("fill_")
def fill_(x: Tensor, value: Operand) -> Tensor:
    """Fill with one value, in place."""
    from knoll.tensor.creation import full_like  # what is filled is created

    check_leaf(x)
    if getattr(value, "shape", ()):
        raise StateError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {len(value.shape)} dimensions."
        )
    if not is_plain(x, value):
        return replace(x, lambda former: _replaced(former, full_like(former, 0) + value))
    with writing(x) as array:
        array.fill(fitting(value, x._dtype) if isinstance(value, (int, float)) else value._realize())
    return x


def _replaced(former: Tensor, new: Tensor) -> Tensor:
    """`new`, repeated, in place of all elements of `former`, which then has a gradient of zero if it has one."""
    from knoll.tensor.shaping import expand  # views are aliases, which are changed here

    wide = expand(_converted(new, former._dtype), former.shape)
    return apply(put, former, wide, key=frozen(()), axes=())[0] if former._requires_grad else wide.clone()


def _converted(x: Tensor, dtype: DType) -> Tensor:
    return x if x._dtype == dtype else apply(convert, x, dtype=dtype.name)[0]


@public("copy_")
def copy_(x: Tensor, source: Any) -> Tensor:
    """Take over the numbers of `source`, which broadcasts, in place; the element type stays."""
    from knoll.tensor.creation import as_tensor  # arrays are taken as tensors

    given = as_tensor(source)
    check_leaf(x)
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
            came=f"{numbers.shape}",
        ) from None
    return x


@public("normal_")
def normal_(x: Tensor, mean: float = 0, std: float = 1) -> Tensor:
    """Fill with numbers of the normal distribution, in place."""
    from knoll.tensor.random import randn  # random tensors are tensors

    if std < 0:
        raise StateError(f"normal expects std >= 0.0, but found std {std:g}")
    return copy_(x, randn(x.shape, dtype=x._dtype) * std + mean)


@public("uniform_")
def uniform_(x: Tensor, low: float = 0, high: float = 1) -> Tensor:
    """Fill with numbers spread evenly over [low, high), in place."""
    from knoll.tensor.random import rand  # random tensors are tensors

    if low > high:
        raise StateError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    return copy_(x, rand(x.shape, dtype=x._dtype) * (high - low) + low)
