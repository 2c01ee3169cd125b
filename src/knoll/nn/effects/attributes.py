"""Attributes of modules, and objects as abstract values."""

from __future__ import annotations

from collections.abc import Sequence
from types import FunctionType
from typing import Any

from knoll.nn.effects.reads import MISSING, Reading
from knoll.nn.effects.values import Abstract, EffectError, Kind, Known, Method, is_module, is_plain, refuse
from knoll.nn.registry import HOLDERS
from knoll.tensor import Tensor


def attribute_of(module: Any, name: str, reading: Reading) -> Any:
    """An attribute of a module: its own, one of its class, or something that it holds."""
    held, kind = vars(module), type(module)
    reading.lookup(kind)
    of_class = reading.attribute(kind, name)
    if hasattr(type(of_class), "__set__"):
        raise EffectError  # a property
    value = reading.item(held, name)
    if value is not MISSING:
        return abstract(value, reading)
    if isinstance(of_class, FunctionType):
        return Method(module, of_class)
    if of_class is not MISSING:
        return abstract(of_class, reading) if is_plain(of_class) else refuse()
    for place in HOLDERS:
        value = reading.item(reading.registry(module, place), name)
        if value is not MISSING:
            return abstract(value, reading)
    raise EffectError


def abstract(value: Any, reading: Reading) -> Any:
    """The abstract value of an object: tensors are told from what holds none of them."""
    if value is MISSING:
        raise EffectError
    if not isinstance(value, Tensor):
        return Known(value)
    if not type(value).__module__.startswith("knoll."):
        raise EffectError
    reading.tensor(value)
    return Kind.ALIAS


def has_attribute(given: Sequence[Any], reading: Reading) -> Abstract:
    """Whether a module has an attribute, as `hasattr` of these two is asked."""
    if len(given) != 2 or not all(isinstance(each, Known) for each in given) or not is_module(given[0].object):
        raise EffectError
    module, name = given
    places = [vars(module.object), *(reading.registry(module.object, place) for place in HOLDERS)]
    found = [reading.item(place, name.object) is not MISSING for place in places]
    reading.lookup(type(module.object))
    of_class = reading.attribute(type(module.object), name.object)
    if hasattr(type(of_class), "__get__") and not isinstance(of_class, FunctionType):
        raise EffectError  # a property, which runs
    return Known(of_class is not MISSING or any(found))
