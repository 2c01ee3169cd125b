"""Functions that an optimiser calls around its steps, and when its state is saved or loaded.

Source: https://pytorch.org/docs/stable/generated/torch.optim.Optimizer.register_step_pre_hook.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from knoll.errors import StateError
from knoll.tensor.autograd.hooks import RemovableHandle

Hooks = dict[int, Callable[..., Any]]
F = TypeVar("F", bound=Callable[..., Any])
_MARK = "_is_observed"


class Hooked:
    """What can be hooked into; the base of `Optimizer`."""

    step: Callable[..., Any]

    def __init__(self) -> None:
        self.steps = 0
        self._in_step = False
        self._optimizer_step_pre_hooks: Hooks = {}
        self._optimizer_step_post_hooks: Hooks = {}
        self._optimizer_state_dict_pre_hooks: Hooks = {}
        self._optimizer_state_dict_post_hooks: Hooks = {}
        self._optimizer_load_state_dict_pre_hooks: Hooks = {}
        self._optimizer_load_state_dict_post_hooks: Hooks = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        step = vars(cls).get("step")
        if step is not None and not hasattr(step, _MARK):
            cls.step = observed(step)

    def register_step_pre_hook(self, hook: Callable[[Any, Any, Any], Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before every step; what it returns, a pair, takes their place."""
        return RemovableHandle(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable[[Any, Any, Any], Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after every step."""
        return RemovableHandle(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable[[Any], Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` before `state_dict`."""
        return RemovableHandle(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(
        self, hook: Callable[[Any, dict[str, Any]], Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` after `state_dict`; what it returns takes its place."""
        return RemovableHandle(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Callable[[Any, dict[str, Any]], Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before `load_state_dict`; what it returns is loaded instead."""
        return RemovableHandle(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[[Any], Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` after `load_state_dict`."""
        return RemovableHandle(self._optimizer_load_state_dict_post_hooks, hook, prepend)


def observed(step: F) -> F:
    """A step that is counted and has its hooks called, once even where it calls the step of its base class."""

    @functools.wraps(step)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self._in_step:
            return step(self, *args, **kwargs)
        # A hook is given the optimiser among the arguments too, as in PyTorch.
        given: tuple[tuple[Any, ...], dict[str, Any]] = ((self, *args), kwargs)
        for hook in tuple(self._optimizer_step_pre_hooks.values()):
            given = _replaced(step, hook(self, *given), given)
        self._in_step = True
        try:
            result = step(*given[0], **given[1])
        finally:
            self._in_step = False
        self.steps += 1
        for hook in tuple(self._optimizer_step_post_hooks.values()):
            hook(self, *given)
        return result

    setattr(wrapper, _MARK, True)
    return cast(F, wrapper)


def _replaced(step: Callable[..., Any], result: Any, given: Any) -> Any:
    if result is None:
        return given
    if isinstance(result, tuple) and len(result) == 2:
        return result
    raise StateError(f"{step} must return None or a tuple of (new_args, new_kwargs), but got {result}.")
