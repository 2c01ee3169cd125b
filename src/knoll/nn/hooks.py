"""Functions that a module calls before and after its own forward."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_numbers = itertools.count()

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


class RemovableHandle:
    """Takes a hook away again, by `remove()` or at the end of a `with` block.

    Source: `torch/utils/hooks.py`.
    """

    def __init__(self, hooks: dict[int, Hook], hook: Hook, prepend: bool) -> None:
        self.id = next(_numbers)
        self._hooks = hooks
        earlier = dict(hooks) if prepend else {}
        if prepend:
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
