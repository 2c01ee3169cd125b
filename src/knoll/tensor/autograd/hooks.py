"""Functions that a tensor calls with its gradient, and the handle that takes a function away again."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, DTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.tensor.arguments import truthy
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import type_name

_numbers = itertools.count()


class RemovableHandle:
    """Takes a hook away again, by `remove()` or at the end of a `with` block.

    Source: `torch/utils/hooks.py`.
    """

    id: int

    def __init__(self, hooks: dict[int, Any], hook: Any, prepend: bool = False) -> None:
        self.id = next(_numbers)
        self._hooks = hooks
        first = truthy(prepend, "register_hook", "prepend")
        earlier = dict(hooks) if first else {}
        if first:
            hooks.clear()
        hooks[self.id] = hook
        hooks.update(earlier)

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class LeafHooks(dict[int, Callable[..., Any]]):
    """What a leaf calls with its gradient, and what it calls `after` the gradient was added to its `grad`."""

    __slots__ = ("after",)

    def __init__(self) -> None:
        super().__init__()
        self.after: dict[int, Callable[[Any], Any]] = {}


def has_hooks(leaf: TensorBase) -> bool:
    """Whether a leaf calls anything."""
    hooks = leaf._hooks
    return hooks is not None and bool(hooks or hooks.after)


def call_after(leaf: TensorBase) -> None:
    """Tell that the gradient of a leaf was added to its `grad`.

    Raises ArgumentTypeError for a hook that returns what is no tensor, StateError for one that returns a tensor.
    """
    for hook in () if leaf._hooks is None else tuple(leaf._hooks.after.values()):
        changed = hook(leaf)
        if isinstance(changed, TensorBase):
            raise StateError("Tensor post accumulate grad hooks should return None.")
        if changed is not None:
            raise ArgumentTypeError(f"expected Variable, but hook returned '{type(changed).__name__}'")


def after_hooks(hooks: dict[int, Callable[[TensorBase], Any]], gradient: Array) -> Array:
    """What hooks make of a gradient, one after the other; the array itself stays as it is."""
    return np.array(replaced_by_hooks(hooks, TensorBase._over(gradient.copy()))._realize(), order="C")


def replaced_by_hooks(hooks: dict[int, Callable[[TensorBase], Any]], dx: TensorBase) -> TensorBase:
    """A gradient as hooks leave it, one after the other."""
    for hook in tuple(hooks.values()):
        changed = hook(dx)
        if changed is not None:
            dx = _fitting(hook, changed, dx)
    return dx


def _fitting(hook: Callable[[T], Any], changed: Any, dx: T) -> T:
    """What a hook returned, if it can stand in place of the gradient `dx`."""
    if not isinstance(changed, type(dx)):
        raise ArgumentTypeError(
            f"expected Variable, but hook returned '{type(changed).__name__}'", advice=say("tensor.hook_returns")
        )
    name = getattr(hook, "__name__", "<unknown>")
    if changed.dtype != dx.dtype:
        raise DTypeError(
            f"hook '{name}' has changed the type of value (was {type_name(dx._dtype)} got {type_name(changed._dtype)})",
            advice=say("tensor.hook_dtype"),
        )
    if changed.shape != dx.shape:
        raise ShapeError(f"hook '{name}' has changed the size of value", expected=str(dx.shape), got=str(changed.shape))
    return changed
