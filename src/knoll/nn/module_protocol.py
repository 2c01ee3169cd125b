"""The state of a module, as the classes see it that Module inherits from.

The methods of `Hooks`, `Traversal` and `State` name this protocol in their types, so that none of them imports Module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from knoll.nn.hook import Hook, Registered
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor

M = TypeVar("M", bound="ModuleProtocol[Any]")
Y = TypeVar("Y", covariant=True)


class ModuleProtocol(Protocol[M]):
    """A module whose children are of type `M`; Module itself is one, with Modules for children."""

    training: bool
    _version: int
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _non_persistent_buffers_set: set[str]
    _modules: dict[str, M | None]
    _forward_pre_hooks: dict[int, Registered]
    _forward_hooks: dict[int, Registered]
    _backward_pre_hooks: dict[int, Registered]
    _backward_hooks: dict[int, Registered]
    _state_dict_pre_hooks: dict[int, Hook]
    _state_dict_hooks: dict[int, Hook]
    _load_state_dict_pre_hooks: dict[int, Hook]
    _load_state_dict_post_hooks: dict[int, Hook]

    def _named_members(
        self,
        get_members_fn: Callable[[Any], Iterable[tuple[str, Any]]],
        prefix: str,
        recurse: bool,
        remove_duplicate: bool,
    ) -> Iterator[tuple[str, Any]]: ...
    def get_extra_state(self) -> Any: ...
    def set_extra_state(self, state: Any) -> None: ...
    def __getattr__(self, name: str) -> Any:
        """Any other attribute: methods are looked up in the object, since a class may override them."""


AnyModule = ModuleProtocol[Any]


class HasForward(Protocol[Y]):
    """A module whose `forward` gives a Y: calling the module gives one too."""

    @property
    def forward(self) -> Callable[..., Y]:
        """What the module computes."""
