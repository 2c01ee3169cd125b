"""Items of sequences and of modules that hold modules, and Python's own functions of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from knoll.nn.effects import pure
from knoll.nn.effects.arguments import is_class
from knoll.nn.effects.reads import MISSING, Reading
from knoll.nn.effects.values import (
    EffectError,
    Items,
    Kind,
    Known,
    OneOf,
    Parts,
    is_module,
    is_static,
    joined,
    modules_in,
    one_of,
    refuse,
)

_OF_CONTAINERS = ("__iter__", "__getitem__", "__len__", "__reversed__")


def item_of(sequence: Any, reading: Reading) -> Any:
    """An item of a sequence."""
    if isinstance(sequence, Items):
        return sequence.item
    if isinstance(sequence, Parts):
        return joined(sequence.values)
    if isinstance(sequence, (Known, OneOf)) and not is_static(sequence):
        return child_of(sequence, reading)
    return Kind.ALIAS if sequence is Kind.TENSOR else sequence


def child_of(container: Known | OneOf, reading: Reading, method: str = "__iter__") -> Any:
    """A child of a list of modules, or of a dictionary of them that is asked for a name."""
    return one_of([child.object for child in children_of(container, reading, method).values])


def children_of(container: Known | OneOf, reading: Reading, method: str = "__iter__") -> Parts:
    """The modules in a list or a dictionary of them, in order."""
    every = containers(container, reading)
    holds = "_is_sequence" if method == "__iter__" else "_is_mapping"
    if not all(getattr(type(each), holds) for each in every):
        raise EffectError
    held = [child for each in every for child in reading.registry(each, "_modules").values()]
    return modules_in(held, with_names=False)


def containers(value: Known | OneOf, reading: Reading) -> list[Any]:
    """The modules that a value may be; their length and items are what Knoll says that they are."""
    every = [each.object for each in (value.modules if isinstance(value, OneOf) else (value,))]
    for each in every:
        methods = [reading.attribute(type(each), name) for name in _OF_CONTAINERS]
        if not is_module(each) or not all(m is MISSING or pure.is_of_knoll(m) for m in methods):
            raise EffectError
    return every


def built_in(function: Any, given: Sequence[Any], named: Mapping[str, Any], reading: Reading) -> Any:
    """The result of one of Python's own functions; None for another one."""
    if function is isinstance:
        return Kind.STATIC if len(given) == 2 and is_class(given[1]) else refuse()
    if pure.is_of_numbers(function):
        return Kind.STATIC if all(map(is_static, [*given, *named.values()])) else refuse()
    if not isinstance(function, type(len)) and not isinstance(function, type):
        return None
    if function not in pure.OF_SEQUENCES:
        return None
    if function is range:
        return Kind.STATIC if all(map(is_static, given)) else refuse()
    if function is len:
        fixed = [
            is_static(each) or isinstance(each, (Kind, Items, Parts)) or containers(each, reading) for each in given
        ]
        return Kind.STATIC if all(fixed) else refuse()
    items = [item_of(each, reading) for each in given]
    if function is enumerate:
        return Items(Parts((Kind.STATIC, items[0])))
    return Items(Parts(tuple(items)) if function is zip else joined(items))
