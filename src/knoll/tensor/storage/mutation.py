"""Mutation of a tensor: numbers that are overwritten, and results that take the place of what they were made from.

A tensor with numbers that no gradient flows through is overwritten. One that waits, or that backward reaches, becomes
the result of the operation instead, and so do its aliases.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from typing import cast as as_type

from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError
from knoll.graph import Array, Op
from knoll.messages import say
from knoll.ops.dtypes import scalar_name
from knoll.run.arrays import overwrite
from knoll.tensor.arguments import public, unchecked
from knoll.tensor.base import T, TensorBase
from knoll.tensor.concurrency import changing
from knoll.tensor.dtypes import RANK
from knoll.tensor.eager import Place
from knoll.tensor.elementwise.arithmetic import cast
from knoll.tensor.mapped import mapped_call
from knoll.tensor.record import recorded_by, remembers, state
from knoll.tensor.storage.alias import commit
from knoll.tensor.storage.overlap import Written, agreeing, check_overlap, warn_if_expanded

F = TypeVar("F", bound=Callable[..., Any])
Ops = tuple[Op, ...]


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
    for each in (x, *others):
        if not isinstance(each, TensorBase):
            continue
        if each is not x and mapped_call(each) is not None:
            return False
        if state.grad and (each._requires_grad if each._view is None else each.requires_grad):
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


def change(x: T, function: Callable[..., T], *others: Any, last: Ops = ()) -> T:
    """Let x be `function(x, *others)` from now on; see `replace`."""
    check_leaf(x)
    check_overlap(x)
    return replace(x, function, *others, last=last)


def in_place(name: str, function: F, *last: Op, written: Callable[..., Array] | None = None) -> F:
    """The change in place that PyTorch calls `name`: what a function gives takes the place of its first argument.

    One of the `last` operations that the function may end with writes where the argument lies. A function that changes
    some elements says which are `written`: it gets the numbers of all and the other arguments.

    Raises what the function raises, StateError for a leaf whose gradient is wanted, ShapeError and DTypeError where the
    result does not fit.

    >>> import knoll
    >>> from knoll.tensor.storage.mutation import in_place
    >>> in_place("relu_", knoll.relu)(knoll.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    inner = unchecked(function)  # arguments are checked by the name of the change

    def changed(x: Any, *others: Any, **options: Any) -> Any:
        if written is None:
            return change(x, partial(inner, **options) if options else inner, *others, last=last)
        check_leaf(x)
        warn_if_expanded(x, name)
        return change_some(
            x,
            lambda former: inner(former, *others, **options),
            lambda numbers: written(numbers, *others, **options),
        )

    result = public(name, like=function)(changed)
    told, _, rest = (inspect.getdoc(function) or "").partition("\n")
    result.__doc__ = f"{told.removesuffix('.')}, in place.\n{rest.partition('>>>')[0]}".rstrip()
    return as_type(F, result)


def replace(x: T, function: Callable[..., T], *others: Any, last: Ops = ()) -> T:
    """As `change`, where it is known that x may be changed so.

    Where nothing records, and x has numbers that can be overwritten, one of the `last` operations writes its result
    over them: nothing that the function computes after it may read them.
    """
    if last and state.recorder is None and is_plain(x, *others):
        with writing(x) as array:
            state.place = Place(array, last)
            try:
                result = function(x, *others)
            finally:
                state.place = None
            if result._array is not array:
                _check_fits(x, result)
                overwrite(array, result._realize())
        return x
    result = _computed_at_once(function, x, *others) if _counts(x, *others) else function(x._alias(), *others)
    _check_fits(x, result)
    _store(x, cast(result, x._dtype))
    return x


def _check_fits(x: TensorBase, result: TensorBase) -> None:
    """Refuse a result that cannot take the place of x. Raises ShapeError, DTypeError."""
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


def _computed_at_once(function: Callable[..., T], x: T, *others: Any) -> T:
    """The result of a function, computed at once."""
    with recorded_by(None):
        return function(x._alias(), *others)


def renew(x: TensorBase, result: TensorBase) -> None:
    """Let x, a plain tensor that others may share, have the numbers of `result`; where they wait, x waits for them."""
    if result._value is None:
        with writing(x) as array:
            overwrite(array, result._realize())
        return
    commit(x, result, in_place=True)


def _store(x: TensorBase, result: TensorBase) -> None:
    if is_plain(x, result):
        renew(x, result)
    else:
        commit(x, result)
