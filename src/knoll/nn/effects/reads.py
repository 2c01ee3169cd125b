"""What an analysis rests on: what was read, and is compared before a call is taken for the same again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getattr_static
from itertools import repeat
from operator import attrgetter, is_
from types import CellType, CodeType, FunctionType, MappingProxyType
from typing import Any

from knoll.errors import KnollError
from knoll.graph import Shape
from knoll.graph.spec import DType
from knoll.nn.effects import pure
from knoll.nn.effects.values import EffectError, refuse
from knoll.nn.registry import Registry
from knoll.tensor.base import TensorBase

MISSING = object()
_LOOKUPS = ("__getattr__", "__getattribute__")
Code = tuple[CodeType, Any, Any, Any]
Namespace = dict[Any, Any] | MappingProxyType[str, Any]  # of an object or a module; of a class
Item = tuple[Namespace, Any, Any]  # with a key and its value
_facts: Callable[[TensorBase], tuple[Shape, DType]] = attrgetter("shape", "_dtype")


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Items of dictionaries as they were: each dictionary with a key and its value, or with the keys that it lacked."""

    dictionaries: tuple[dict[Any, Any], ...]  # a namespace of a class is asked for names that it lacks alone
    keys: tuple[Any, ...]
    values: tuple[Any, ...]
    lacking: tuple[tuple[Namespace, frozenset[Any]], ...]

    @classmethod
    def of(cls, items: list[Item]) -> Items:
        """The items of a list, MISSING where there was none."""
        present = [item for item in items if item[2] is not MISSING]
        lacking: dict[int, tuple[Namespace, set[Any]]] = {}
        for dictionary, key, value in items:
            if value is MISSING:
                lacking.setdefault(id(dictionary), (dictionary, set()))[1].add(key)
        dictionaries, keys, values = zip(*present, strict=True) if present else ((), (), ())
        return cls(dictionaries, keys, values, tuple((each, frozenset(names)) for each, names in lacking.values()))

    def hold(self) -> bool:
        """Whether all are as they were."""
        return all(map(is_, map(dict.get, self.dictionaries, self.keys, repeat(MISSING)), self.values)) and all(
            dictionary.keys().isdisjoint(keys)  # goes over the fewer of both, mostly those of a module
            for dictionary, keys in self.lacking
        )


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """Items of dictionaries, attributes of classes, functions and what they enclose, as they were.

    A change of a registry is noted: of those the items are `noted`, and need not be compared before. Of `tensors` that
    are no inputs there are the `facts`: what `forward` may ask for without their numbers.
    """

    noted: Items
    items: Items
    attributes: tuple[tuple[type, str, Any], ...]
    functions: tuple[tuple[FunctionType, Code], ...]
    cells: tuple[tuple[CellType, Any], ...]
    tensors: tuple[TensorBase, ...]
    facts: tuple[tuple[Shape, DType], ...]

    def hold(self) -> bool:
        """Whether all that can be changed without a note is as it was."""
        return (
            self.items.hold()
            and all(getattr(kind, name, MISSING) is value for kind, name, value in self.attributes)
            and all(all(map(is_, code_of(function), code)) for function, code in self.functions)
            and all(_contents(cell) is value for cell, value in self.cells)
            and tuple(map(_facts, self.tensors)) == self.facts
        )


def code_of(function: FunctionType) -> Code:
    """What a function runs: replaced in place when a module is loaded anew."""
    return function.__code__, function.__defaults__, function.__kwdefaults__, function.__closure__


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing yet
        return MISSING


class Reading:
    """The reads of an analysis that is under way."""

    def __init__(self) -> None:
        self._items: dict[tuple[int, Any], Item] = {}
        self._attributes: dict[tuple[type, str], Any] = {}
        self._namespaces: dict[type, Namespace] = {}
        self._functions: dict[FunctionType, Code] = {}
        self._cells: dict[int, tuple[CellType, Any]] = {}
        self._tensors: dict[int, tuple[TensorBase, tuple[Shape, DType]]] = {}

    def item(self, dictionary: Namespace, key: Any) -> Any:
        """An item of a dictionary, or MISSING."""
        value = dictionary.get(key, MISSING)
        self._items[id(dictionary), key] = dictionary, key, value
        return value

    def attribute(self, kind: type, name: str) -> Any:
        """An attribute of a class, or MISSING; raises EffectError where an object has another one."""
        value = getattr(kind, name, MISSING)
        if getattr_static(kind, name, MISSING) is not value:
            raise EffectError  # it is made when it is asked for, or takes no object
        if value is MISSING:
            self._absent(kind, name)
        else:
            self._attributes[kind, name] = value
        return value

    def _absent(self, kind: type, name: str) -> None:
        """An attribute that no class has where objects of `kind` look for it; asking `kind` takes 8 times as long."""
        self._attributes[kind, "__mro__"] = kind.__mro__
        for each in kind.__mro__:
            self.item(self._namespaces.setdefault(each, vars(each)), name)

    def lookup(self, kind: type) -> None:
        """How attributes of a module are looked up; raises EffectError where its class has a way of its own."""
        for name in _LOOKUPS:
            method = self.attribute(kind, name)
            if method is not object.__getattribute__ and not pure.is_of_knoll(method):
                raise EffectError

    def registry(self, module: Any, name: str) -> dict[Any, Any]:
        """A registry of a module, and that it has this one; what stands in it is noted when it changes."""
        value: dict[Any, Any] = self.item(vars(module), name)
        return value if isinstance(value, dict) else refuse()

    def function(self, function: FunctionType) -> None:
        """A function whose body was read."""
        self._functions[function] = code_of(function)
        defaults: dict[str, Any] = function.__kwdefaults__ or {}
        for name in defaults:
            self.item(defaults, name)

    def cell(self, cell: CellType) -> Any:
        """What a variable of an enclosing function holds, or MISSING."""
        value = _contents(cell)
        self._cells[id(cell)] = cell, value
        return value

    def tensor(self, tensor: TensorBase) -> None:
        """A tensor that is no input; raises EffectError for one without shape, as a parameter that is made later."""
        try:
            self._tensors[id(tensor)] = tensor, _facts(tensor)
        except KnollError as missing:
            raise EffectError from missing

    @property
    def reads(self) -> Reads:
        """All that was read."""
        noted = [item for item in self._items.values() if type(item[0]) is Registry]
        others = [item for item in self._items.values() if type(item[0]) is not Registry]
        attributes = tuple((*place, value) for place, value in self._attributes.items())
        functions, cells = tuple(self._functions.items()), tuple(self._cells.values())
        tensors = tuple(tensor for tensor, _ in self._tensors.values())
        facts = tuple(facts for _, facts in self._tensors.values())
        return Reads(Items.of(noted), Items.of(others), attributes, functions, cells, tensors, facts)
