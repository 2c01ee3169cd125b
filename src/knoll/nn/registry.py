"""Registry: a dictionary of a module whose changes are noted: of its parameters, buffers, modules and hooks.

The attributes of Knoll's own layers stand in one, too. As long as nothing was noted, what was compared before holds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Self, TypeVar

from knoll.nn.hook import HOOKS

HOLDERS = ("_parameters", "_buffers", "_modules")
REGISTRIES = (*HOLDERS, *HOOKS)  # the registries of a module, by the names that PyTorch has for them
K = TypeVar("K")
V = TypeVar("V")


class _Changes:
    last: object = object()


def last_change() -> object:
    """The last change of any registry: another object after each."""
    return _Changes.last


def note_change() -> None:
    """Note a change that no registry sees, after it was made."""
    _Changes.last = object()


def _noted(method: Callable[..., Any]) -> Any:
    @wraps(method)
    def changing(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        finally:
            _Changes.last = object()

    return changing


class Registry(dict[K, V]):
    """A dictionary of a module.

    >>> registry = Registry({"a": 1})
    >>> before = last_change()
    >>> registry["b"] = 2
    >>> last_change() is before
    False
    """

    __slots__ = ()

    def copy(self) -> Self:
        """Another registry with the same items."""
        return type(self)(self)


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"):
    setattr(Registry, _name, _noted(getattr(dict, _name)))
