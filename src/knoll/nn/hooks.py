"""Functions that a module calls before and after its own forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Where a module keeps its hooks, by the names that PyTorch has for them.
HOOKS = (
    "_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks",
    "_state_dict_pre_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
)  # fmt: skip


@dataclass(frozen=True)
class Hook:
    """A function to call; whether it wants the keyword arguments too, and to be called even if forward fails."""

    call: Callable[..., Any]
    with_kwargs: bool = False
    always_call: bool = False
