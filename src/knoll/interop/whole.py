"""Whole models as named arrays and a text: the path of each class, and the attributes of each module as data.

The text is JSON, as that of `nested_values.py`, with more entries: `{"module": [number, class, state]}` for a module,
`{"parameter": [number, name, requires_grad]}` and its like for tensors, `{"again": number}` for one that stands
elsewhere too, `{"global": path}` for a class or function that is an attribute. A path is `package.module:Class`. What
is told is what pickle would tell, so that a model comes back as it was, however it was changed since it was made;
nothing in the file is a program.
"""

from __future__ import annotations

import json
import math
import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.interop.nested_values import Arrays, Path, free_name, is_huge, versions_of
from knoll.messages import say
from knoll.nn.hook import HOOKS
from knoll.nn.layers.lazy import LazyModuleMixin
from knoll.nn.module import Module
from knoll.nn.parameter import Buffer, Parameter
from knoll.nn.registry import HOLDERS, Registry
from knoll.nn.uninitialized import Uninitialized, UninitializedBuffer, UninitializedParameter
from knoll.tensor import Tensor
from knoll.tensor.device import device
from knoll.tensor.storage.layout import Size

WAITS = "_initialize_hook"  # the attribute of a lazy layer that has not seen its input yet
_MOST_BITS = 14_000


def holds_module(value: Any) -> bool:
    """Whether a value is a module, or a list, tuple or dict with one somewhere in it."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Module):
            return True
        if isinstance(part, (list, tuple, Mapping)) and id(part) not in seen:
            seen.add(id(part))
            waiting += part.values() if isinstance(part, Mapping) else part
    return False


def take_model_apart(value: Any) -> tuple[Arrays, str]:
    """The arrays of a model, by the names of its state dict, and the text that says how all of it is put together.

    Raises ArgumentTypeError for a class that cannot be imported and for an attribute that is no data, ArgumentError
    where values are nested too deeply.
    """
    apart = _Apart(f"{type(value).__name__}" if isinstance(value, Module) else "")
    try:
        described = apart.described(value, ())
    except RecursionError:
        raise ArgumentError(say("interop.endless")) from None
    state = value.state_dict(keep_vars=True) if isinstance(value, Module) else {}
    weights = {name: apart.names[id(tensor)] for name, tensor in state.items() if id(tensor) in apart.names}
    return apart.arrays, json.dumps({"value": described, "weights": weights})


def path_of(thing: Any) -> str | None:
    """Where a class or a function is found again; None where it is not."""
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    parts = module.split(".")
    shortest = 1 if parts[0] == "knoll" else len(parts)  # the public path of what is Knoll's own: files may move
    names = (".".join(parts[:count]) for count in range(shortest, len(parts) + 1))
    return next((f"{each}:{name}" for each in names if _stands(thing, each, name)), None)


def _stands(thing: Any, module: str, name: str) -> bool:
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is thing


class _Apart:
    """A model that is being taken apart; `names` are those of the arrays of tensors, by their ids."""

    def __init__(self, kind: str) -> None:
        self.arrays: Arrays = {}
        self.names: dict[int, str] = {}
        self._kind = kind
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no other object gets the id of one that was told

    def described(self, value: Any, path: Path) -> Any:
        """What JSON says of a value at this place; arrays are put aside."""
        if isinstance(value, (Module, Tensor)):
            return self._object(value, path)
        if isinstance(value, np.ndarray):
            return {"array": self._stored(value, path)}
        if isinstance(value, np.generic) and value.dtype.kind in "biuf":
            return {"number": [value.dtype.name, self.described(value.item(), path)]}
        if isinstance(value, np.dtype) and value.kind in "biuf":
            return {"dtype": value.name}
        if isinstance(value, device):
            return {"device": str(value)}
        if isinstance(value, float) and type(value) is float and not math.isfinite(value):
            return {"float": str(value)}
        if value is None or type(value) in (bool, float, str) or (type(value) is int and _is_short(value)):
            return value
        if isinstance(value, (type, FunctionType, BuiltinFunctionType)) and (found := path_of(value)) is not None:
            return {"global": found}
        return self._container(value, path)

    def _container(self, value: Any, path: Path) -> Any:
        kinds: dict[type, str] = {tuple: "tuple", Size: "size", set: "set", frozenset: "frozenset"}
        if type(value) is list:
            return self._all_parts(value, path)
        if type(value) in kinds:
            parts: Iterable[Any] = value
            return {kinds[type(value)]: self._all_parts(parts, path)}
        if type(value) in (dict, OrderedDict, Registry):
            entries = [[self._key(key, path), self.described(part, (*path, str(key)))] for key, part in value.items()]
            versions = versions_of(value)
            if versions is not None:
                return {"state": [entries, self.described(dict(versions), (*path, "_metadata"))]}
            return {"ordered" if type(value) is OrderedDict else "dict": entries}
        raise self._refusal(value, path)

    def _all_parts(self, parts: Iterable[Any], path: Path) -> list[Any]:
        return [self.described(part, (*path, str(place))) for place, part in enumerate(parts)]

    def _key(self, key: Any, path: Path) -> Any:
        if not isinstance(key, (str, int, float, bool, tuple, type(None))) or is_huge(key):
            raise self._refusal(key, path)
        return self.described(key, path)

    def _object(self, value: Module | Tensor, path: Path) -> Any:
        number = self._numbers.get(id(value))
        if number is not None:
            return {"again": number}
        number = self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        if isinstance(value, Module):
            return {"module": [number, self._class(value), self._state(value, path)]}
        return self._tensor(value, number, path)

    def _class(self, module: Module) -> str:
        kind = type(module)
        found = path_of(kind)
        if found is None or "reduce" in "".join(name for base in kind.__mro__[:-1] for name in vars(base)):
            name = f"{kind.__module__}.{kind.__qualname__}"
            raise ArgumentTypeError(
                say("interop.no_such_class", kind=name), advice=say("interop.no_such_class_advice", kind=kind.__name__)
            )
        return found

    def _state(self, module: Module, path: Path) -> Any:
        state: Any = module.__getstate__()
        if type(state) not in (dict, Registry):
            return self.described(state, path)
        told: list[list[Any]] = []
        lazy = isinstance(module, LazyModuleMixin) and state.get(WAITS)
        for name, part in state.items():
            if lazy and name == "_forward_pre_hooks":
                part = {number: hook for number, hook in part.items() if number != lazy.id}
            if name in HOOKS and part == {}:
                continue
            if lazy and name == WAITS:
                told.append([name, True])
                continue
            inner = path if name in HOLDERS and isinstance(part, dict) else (*path, name)
            told.append([name, self.described(part, inner)])
        return {"dict": told}

    def _tensor(self, value: Tensor, number: int, path: Path) -> Any:
        if isinstance(value, Uninitialized):
            kinds: dict[type, str] = {UninitializedParameter: "lazy parameter", UninitializedBuffer: "lazy buffer"}
            return {kinds[type(value)]: [number, value.dtype.name, value.requires_grad]}
        name = self._stored(value.detach().numpy(), path)
        self.names[id(value)] = name
        if type(value) is Buffer:
            return {"buffer": [number, name, value.requires_grad, value.persistent]}
        if type(value) not in (Tensor, Parameter):
            raise self._refusal(value, path)
        return {"parameter" if type(value) is Parameter else "tensor": [number, name, value.requires_grad]}

    def _stored(self, array: np.ndarray, path: Path) -> str:
        if array.dtype.kind not in "biuf":
            raise self._refusal(array, path)
        name = free_name(path, self.arrays)
        self.arrays[name] = array
        return name

    def _refusal(self, value: Any, path: Path) -> ArgumentTypeError:
        place = ".".join((self._kind, *path) if self._kind else path)
        return ArgumentTypeError(
            say("interop.no_part", place=place, kind=type(value).__name__), advice=say("interop.no_part_advice")
        )


def _is_short(number: int) -> bool:
    return number.bit_length() <= _MOST_BITS
