"""What every module holds: the attributes of `Module`, for the classes that it inherits methods from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from knoll.nn.hook import Hook, Registered
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor

M = TypeVar("M", bound="HasModules[Any]")
Y = TypeVar("Y", covariant=True)


class AnyModule:
    """A module, as far as files know it that Module imports: `Hooks`, `Traversal` and `State` add its methods."""

    training: bool
    _version: int = 1  # of what the module saves; `_load_from_state_dict` is told which one it was
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _non_persistent_buffers_set: set[str]
    _modules: dict[str, Any]  # Modules, which Module says
    _forward_pre_hooks: dict[int, Registered]
    _forward_hooks: dict[int, Registered]
    _backward_pre_hooks: dict[int, Registered]
    _backward_hooks: dict[int, Registered]
    _state_dict_pre_hooks: dict[int, Hook]
    _state_dict_hooks: dict[int, Hook]
    _load_state_dict_pre_hooks: dict[int, Hook]
    _load_state_dict_post_hooks: dict[int, Hook]

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Any other attribute: methods are looked up in the object, since a class may override them."""


class HasModules(Protocol[M]):
    """A module whose children are of type M."""

    _modules: dict[str, M | None]

    def __getattr__(self, name: str) -> Any:
        """What else a module has."""


class HasForward(Protocol[Y]):
    """A module whose `forward` gives a Y: calling the module gives one too."""

    @property
    def forward(self) -> Callable[..., Y]:
        """What the module computes."""
