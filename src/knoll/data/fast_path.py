"""Fast paths: methods that do for many samples at once what other methods do for one.

A fast path is right only as long as nobody has changed what it stands for. It therefore remembers the methods of its
class that it replaces, and is taken only where a look-up still finds these very methods: not in a subclass that
overrides one of them, not after one was replaced on the class or on the instance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

# Overriding these changes what every other look-up finds.
_LOOK_UPS = ("__getattribute__", "__getattr__")


def static(kind: type, name: str) -> Any:
    """What a class has under this name, without binding it or asking `__getattr__`; None where it has nothing."""
    for base in kind.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None


class FastPath:
    """A method that is taken in place of those named in `replaces`, while these are what they were.

    As a descriptor it learns of its class when that is made, and is bound like any other method.
    """

    def __init__(self, function: Callable[..., Any], replaces: tuple[str, ...]) -> None:
        self._function = function
        self._replaces = (*replaces, *_LOOK_UPS)
        self._name = ""
        self._known: tuple[Any, ...] = ()
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name, self._known = name, self._looked_up(owner)

    def __get__(self, holder: object, kind: type | None = None) -> Callable[..., Any]:
        bound: Callable[..., Any] = self._function.__get__(holder, kind)
        return bound

    def with_others(self, *names: str) -> FastPath:
        """The same fast path for a class in which other methods call those that it stands for."""
        return FastPath(self._function, (*self._replaces, *names))

    def applies_to(self, holder: object) -> bool:
        """Whether all that it replaces is what it was when its class was made."""
        own = getattr(holder, "__dict__", {})
        return self._looked_up(type(holder)) == self._known and own.keys().isdisjoint((self._name, *self._replaces))

    def _looked_up(self, kind: type) -> tuple[Any, ...]:
        return tuple(static(kind, name) for name in self._replaces)


def replaces(*names: str) -> Callable[[F], F]:
    """Mark a method as the fast path of the methods and properties of these names.

    >>> from knoll.data import fast_path, replaces
    >>> class Squares:
    ...     def one(self, i):
    ...         return i * i
    ...
    ...     @replaces("one")
    ...     def many(self, indices):
    ...         return [i * i for i in indices]
    >>> class Cubes(Squares):
    ...     def one(self, i):
    ...         return i**3
    >>> fast_path(Squares(), "many")([2, 3]), fast_path(Cubes(), "many")
    ([4, 9], None)
    """

    def marked(function: F) -> F:
        return cast("F", FastPath(function, names))

    return marked


def fast_path(holder: object, name: str) -> Callable[..., Any] | None:
    """The fast path of this name, None where the class has none or what it replaces was changed.

    An attribute that merely has the name, or comes from `__getattr__`, is no fast path.
    """
    found = static(type(holder), name)
    if not isinstance(found, FastPath) or not found.applies_to(holder):
        return None
    return found.__get__(holder, type(holder))
