"""Hooks that every module calls, as `torch.nn.modules.module` has them; each comes before a module's own.

While there is one, layers are called one by one: no call is taken from memory.
Source: https://pytorch.org/docs/stable/nn.html#global-hooks-for-module
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knoll.nn.hook import Registered, registered
from knoll.tensor.autograd.hooks import RemovableHandle

forward_pre_hooks: dict[int, Registered] = {}
forward_hooks: dict[int, Registered] = {}
backward_pre_hooks: dict[int, Registered] = {}
backward_hooks: dict[int, Registered] = {}
registries: tuple[dict[int, Registered], ...] = (forward_pre_hooks, forward_hooks, backward_pre_hooks, backward_hooks)


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, inputs)` before each forward of any module; what it returns replaces the inputs."""
    return RemovableHandle(forward_pre_hooks, hook)


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call `hook(module, inputs, result)` after each forward of any module; what it returns replaces the result.

    With `always_call` also when forward fails: then the result is None, and an error in the hook is passed over.

    >>> import knoll
    >>> from knoll import nn
    >>> handle = register_module_forward_hook(lambda module, inputs, result: print(type(module).__name__, result.shape))
    >>> y = nn.Sequential(nn.Linear(3, 2), nn.ReLU())(knoll.ones(1, 3))
    Linear (1, 2)
    ReLU (1, 2)
    Sequential (1, 2)
    >>> handle.remove()
    """
    return RemovableHandle(forward_hooks, registered(hook, with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_output)` before backward passes any module; what it returns replaces the gradients."""
    return RemovableHandle(backward_pre_hooks, hook)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` when backward has passed any module; it may replace `grad_input`."""
    return RemovableHandle(backward_hooks, hook)
