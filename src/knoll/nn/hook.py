"""Functions that a module calls before and after its own forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

# Where a module keeps its hooks, by the names that PyTorch has for them.
HOOKS = (
    "_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks",
    "_state_dict_pre_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
)  # fmt: skip


@dataclass(frozen=True)
class Hook:
    """A function to call.

    - `with_kwargs`: it wants the keyword arguments of forward too.
    - `always_call`: it is called even if forward fails.
    - `with_module`: it is given the module first.
    - `may_replace`: what it returns takes the place of the state dict.
    """

    call: Callable[..., Any]
    with_kwargs: bool = False
    always_call: bool = False
    with_module: bool = True
    may_replace: bool = False


Registered: TypeAlias = Callable[..., Any] | Hook  # a function itself, or a hook where more is known of it


def registered(call: Callable[..., Any], with_kwargs: bool, always_call: bool = False) -> Registered:
    """What a registry holds of a function around forward: the function itself, as in PyTorch, if nothing else is known.

    Programs look for their own hooks among them, as those that prune.
    """
    return Hook(call, with_kwargs, always_call) if with_kwargs or always_call else call


def as_hook(entry: Registered) -> Hook:
    """The hook that an entry of a registry stands for."""
    return entry if isinstance(entry, Hook) else Hook(entry)
