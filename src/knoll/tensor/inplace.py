"""Changes in place: numbers that are overwritten, and results that take the place of what they were made from.

A tensor with numbers that no gradient flows through is overwritten, so that its views see the change. One that waits,
or that backward reaches, becomes the result of the operation instead; a view hands the change on to its whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.ops.dtypes import scalar_name
from knoll.ops.reshape import convert
from knoll.tensor.arguments import Operand, public
from knoll.tensor.dtypes import RANK, fitting
from knoll.tensor.record import apply, state

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


@dataclass(frozen=True, eq=False)
class View:
    """What a tensor is a part of: how the part is taken, and how the whole looks once the part has changed."""

    whole: ref[Tensor]
    get: Callable[[Tensor], Tensor]
    put: Callable[[Tensor, Tensor], Tensor]

    @classmethod
    def of(cls, x: Tensor, get: Callable[[Tensor], Tensor], put: Callable[[Tensor, Tensor], Tensor]) -> View:
        """A view of x, or of what x is itself a view of."""
        outer = x._view
        if outer is None or outer.whole() is None:
            return cls(ref(x), get, put)
        return cls(
            outer.whole,
            lambda whole: get(outer.get(whole)),
            lambda whole, part: outer.put(whole, put(outer.get(whole), part)),
        )


def check_leaf(x: Tensor, part: bool = False) -> None:
    """Refuse to change a leaf whose gradient is wanted, or `part` of it."""
    if not state.grad or not x._requires_grad:
        return
    whole = x._view.whole() if x._view is not None else None
    of_leaf = whole is not None and whole._requires_grad and whole.is_leaf
    if x.is_leaf or of_leaf:
        view = "view of a " if of_leaf or part else ""
        raise StateError(
            f"a {view}leaf Variable that requires grad is being used in an in-place operation.",
            advice=say("tensor.in_place"),
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
    array = x._numbers()
    if not array.flags.writeable:
        raise ArgumentError("assignment destination is read-only", advice=say("tensor.read_only"))
    yield array
    x._memory.version += 1
    whole = x._view.whole() if x._view is not None else None
    if whole is not None and whole._memory is not x._memory and x._view is not None:
        from knoll.tensor.modes import no_grad  # modes are made of recordings too

        with no_grad():
            new = x._view.put(whole._alias(), x)
            _store(whole, new)


def change(x: Tensor, function: Callable[..., Tensor], *others: Any) -> Tensor:
    """Let x be `function(x, *others)` from now on."""
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
    if result._dtype != x._dtype:
        result = apply(convert, result, dtype=x._dtype.name)[0]
    _store(x, result)
    return x


def renew(x: Tensor, result: Tensor) -> None:
    """Let x, a plain tensor that others may share, have the numbers of `result`; where they wait, x waits for them."""
    if result._value is None:
        with writing(x) as array:
            np.copyto(array, result._numbers())
        return
    room, memory = x._room if x._value is not None else x._numbers(), x._memory
    x._become(result)
    x._room, x._memory = room, memory


def _store(x: Tensor, result: Tensor) -> None:
    if is_plain(x, result):
        with writing(x) as array:
            np.copyto(array, result._numbers())
        return
    view = x._view
    whole = view.whole() if view is not None else None
    x._become(result)
    if view is not None and whole is not None:
        _store(whole, view.put(whole._alias(), x))


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
        return change(x, lambda former: full_like(former, 0) + value)
    with writing(x) as array:
        array.fill(fitting(value, x._dtype) if isinstance(value, (int, float)) else value._numbers())
    return x


@public("copy_")
def copy_(x: Tensor, source: Any) -> Tensor:
    """Take over the numbers of `source`, which broadcasts, in place; the element type stays."""
    from knoll.tensor.creation import as_tensor  # arrays are taken as tensors
    from knoll.tensor.shaping import expand

    given = as_tensor(source)
    check_leaf(x)
    if not is_plain(x, given):
        return change(x, lambda former: expand(apply(convert, given, dtype=former._dtype.name)[0], former.shape))
    numbers = given._numbers()
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
