"""Abstract values: what is known of a value before `forward` runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from typing import Any, TypeAlias


class EffectError(Exception):
    """The analysis has met what it does not know to be free of effects."""


def refuse() -> Any:
    """End the analysis, within an expression."""
    raise EffectError


class Kind(Enum):
    """A `TENSOR` made by the call; an `ALIAS`, which may be an input or share its memory; or `STATIC`, no tensor.

    What is static follows from shapes, options and modes. Lists and tuples of tensors are aliases too.
    """

    TENSOR = "tensor"
    ALIAS = "alias"
    STATIC = "static"


@dataclass(frozen=True)
class Known:
    """One object, as it is."""

    object: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and other.object is self.object

    def __hash__(self) -> int:
        return id(self.object)


@dataclass(frozen=True)
class OneOf:
    """One of these modules."""

    modules: tuple[Known, ...]


@dataclass(frozen=True)
class Method:
    """A function of the class of an object, bound to the object."""

    object: Any
    function: Any


@dataclass(frozen=True)
class Parts:
    """A tuple of these values."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Items:
    """A sequence of any length whose items are such a value; None where it has none."""

    item: Any


Abstract: TypeAlias = Kind | Known | OneOf | Method | Parts | Items
PLAIN = (bool, int, float, str, bytes, type(None))


def is_module(value: Any) -> bool:
    """Whether an object is a module; the object is not asked, as it may answer anything."""
    return hasattr(type(value), "_is_stock")


def is_plain(value: Any) -> bool:
    """Whether an object is a constant: it cannot change by itself."""
    return all(map(is_plain, value)) if type(value) is tuple else type(value) in PLAIN


def is_constant(value: Abstract | None) -> bool:
    """Whether a value is one known constant."""
    return isinstance(value, Known) and is_plain(value.object)


def is_static(value: Abstract | None) -> bool:
    """Whether a value is no tensor, and follows from shapes, options and modes."""
    if isinstance(value, Parts):
        return all(map(is_static, value.values))
    if isinstance(value, Items):
        return is_static(value.item)
    return value in (None, Kind.STATIC) or is_constant(value)


def join(one: Abstract | None, other: Abstract | None) -> Abstract | None:
    """What is known of a value that is one or the other."""
    if one is None or other is None or one == other:
        return other if one is None else one
    if is_static(one) and is_static(other):
        return Kind.STATIC
    if isinstance(one, Parts) and isinstance(other, Parts) and len(one.values) == len(other.values):
        return Parts(tuple(join(a, b) for a, b in zip(one.values, other.values, strict=True)))
    if isinstance(one, Items) and isinstance(other, Items):
        return Items(join(one.item, other.item))
    modules = _modules(one) + _modules(other)
    if len(modules) > 1 and _modules(one) and _modules(other):
        return OneOf(tuple(dict.fromkeys(modules)))
    if any(isinstance(each, (Known, OneOf, Method)) and not is_static(each) for each in (one, other)):
        raise EffectError
    return Kind.ALIAS


def joined(values: Sequence[Abstract | None]) -> Abstract | None:
    """What is known of a value that is one of these."""
    return reduce(join, values, None)


def _modules(value: Abstract) -> tuple[Known, ...]:
    if isinstance(value, OneOf):
        return value.modules
    return (value,) if isinstance(value, Known) and is_module(value.object) else ()


def one_of(modules: Sequence[Any]) -> Any:
    """The value that is one of some modules; raises EffectError where there is none."""
    every = tuple(Known(module) for module in modules if module is not None)
    return OneOf(every) if every else refuse()


def modules_in(modules: Iterable[Any], with_names: bool) -> Parts:
    """Modules in order, or their names and they."""
    every = map(Known, modules)
    return Parts(tuple(Parts((Kind.STATIC, module)) if with_names else module for module in every))
