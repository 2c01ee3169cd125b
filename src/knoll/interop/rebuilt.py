"""Whole models out of the arrays and the text that `whole.py` makes of them.

A class is made without its `__init__`, and given its attributes, as pickle does; no function of the file is called,
because there are none.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from knoll.errors import DataError
from knoll.graph import Array
from knoll.interop.nested_values import is_huge
from knoll.interop.whole import WAITS
from knoll.messages import say
from knoll.nn.hook import HOOKS
from knoll.nn.layers.lazy import LazyModuleMixin
from knoll.nn.made_at import forget
from knoll.nn.module import Module
from knoll.nn.parameter import Buffer, Parameter
from knoll.nn.registry import REGISTRIES, Registry
from knoll.nn.uninitialized import UninitializedBuffer, UninitializedParameter
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.device import device
from knoll.tensor.storage.layout import Size

Find = Callable[[str], Any]  # the class or the function at a path
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


def paths_in(text: str) -> list[str]:
    """The paths of all classes and functions that a text names, each once."""
    found: dict[str, None] = {}
    waiting = [_parsed(text)["value"]]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if isinstance(part.get("global"), str):
                found[part["global"]] = None
            module = part.get("module")
            if isinstance(module, list) and len(module) == 3 and isinstance(module[1], str):
                found[module[1]] = None
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return sorted(found)


def weights_in(text: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays of a model by the names of its state dict. Raises DataError."""
    try:
        return {str(name): arrays[array] for name, array in _parsed(text)["weights"].items()}
    except _BROKEN as error:
        raise _broken(error) from None


def put_model_together(text: str, arrays: Mapping[str, Array], find: Find) -> Any:
    """The value that a text describes. Raises DataError for a text of another kind, and what `find` raises."""
    rebuilt = _Rebuilt(arrays, find)
    try:
        return rebuilt.built(_parsed(text)["value"])
    except DataError:
        raise
    except _BROKEN as error:
        if rebuilt.foreign:
            raise
        raise _broken(error) from None


def _parsed(text: str) -> Any:
    try:
        parsed = json.loads(text)
        parsed["value"], parsed["weights"]
    except _BROKEN as error:
        raise _broken(error) from None
    return parsed


def _broken(error: Exception) -> DataError:
    reason = say("interop.broken_structure", reason=f"{type(error).__name__}: {error}")
    return DataError(reason, advice=say("interop.copy_again"))


class _Rebuilt:
    """A model that is being put together; `foreign` while code of a class runs, whose errors are its own."""

    def __init__(self, arrays: Mapping[str, Array], find: Find) -> None:
        self.foreign = False
        self._arrays, self._find = arrays, find
        self._done: dict[int, Any] = {}

    def built(self, part: Any) -> Any:
        """The value of this part of the text."""
        if isinstance(part, list):
            return [self.built(each) for each in part]
        if not isinstance(part, dict):
            return part
        ((kind, content),) = part.items()
        match kind:
            case "again":
                return self._done[content]
            case "module":
                return self._module(*content)
            case "parameter" | "tensor" | "buffer" | "lazy parameter" | "lazy buffer":
                return self._tensor(kind, *content)
            case "array":
                return np.array(self._arrays[content])
            case "number":
                return np.dtype(content[0]).type(self.built(content[1]))
            case "dtype":
                return np.dtype(content)
            case "device":
                return device(content)
            case "float":
                return float(content)
            case "global":
                return self._global(content)
            case _:
                return self._container(kind, content)

    def _container(self, kind: str, content: Any) -> Any:
        kinds: dict[str, Callable[[Any], Any]] = {"tuple": tuple, "size": Size, "set": set, "frozenset": frozenset}
        if kind in kinds:
            return kinds[kind](self.built(each) for each in content)
        if kind == "state":
            entries, versions = content
            state: Any = OrderedDict(self._entries(entries))
            state._metadata = OrderedDict(self.built(versions))
            return state
        return {"dict": dict, "ordered": OrderedDict}[kind](self._entries(content))

    def _entries(self, content: Any) -> list[tuple[Any, Any]]:
        entries = [(self.built(key), self.built(value)) for key, value in content]
        if any(map(is_huge, (key for key, _ in entries))):
            raise ValueError("key")
        return entries

    def _global(self, path: str) -> Any:
        found = self._class_at(path)
        if not isinstance(found, (type, FunctionType, BuiltinFunctionType)):
            raise DataError(say("interop.no_class", path=path.replace(":", ".")))
        return found

    def _class_at(self, path: str) -> Any:
        self.foreign = True
        found = self._find(path)
        self.foreign = False
        return found

    def _module(self, number: int, path: str, state: Any) -> Module:
        kind = self._class_at(path)
        if not (isinstance(kind, type) and issubclass(kind, Module)):
            raise DataError(say("interop.no_class", path=path.replace(":", ".")))
        self.foreign = True
        module: Module = kind.__new__(kind)
        self.foreign = False
        forget(module)
        self._done[number] = module
        attributes = _with_registries(self.built(state))
        if hasattr(kind, "__setstate__"):
            self.foreign = True
            module.__setstate__(attributes)
            self.foreign = False
            return module
        _check(attributes)
        waits = attributes.pop(WAITS, False)
        module.__dict__.update(attributes)
        if waits and isinstance(module, LazyModuleMixin):
            module._initialize_hook = module.register_forward_pre_hook(module._infer_parameters, with_kwargs=True)
        return module

    def _tensor(self, kind: str, number: int, name: str, requires_grad: bool, persistent: bool = True) -> Tensor:
        made: Tensor
        if kind == "lazy parameter":
            made = UninitializedParameter(bool(requires_grad), None, name)
        elif kind == "lazy buffer":
            made = UninitializedBuffer(bool(requires_grad), None, name)
        elif kind == "parameter":
            made = Parameter(np.array(self._arrays[name]), bool(requires_grad))
        elif kind == "buffer":
            made = Buffer(np.array(self._arrays[name]), bool(persistent))
        else:
            made = from_numpy(np.array(self._arrays[name]))
        if kind in ("tensor", "buffer") and requires_grad:
            made.requires_grad = True
        self._done[number] = made
        return made


def _with_registries(attributes: Any) -> Any:
    """The attributes of a module with its registries; those that are empty are not told."""
    if not isinstance(attributes, dict):
        return attributes
    return attributes | {name: Registry(attributes.get(name, {})) for name in REGISTRIES}


def _check(attributes: Any) -> None:
    """Refuse what cannot be the attributes of a module: the library would fail later, and say nothing of the file."""
    held = (("_parameters", Parameter), ("_buffers", Tensor), ("_modules", Module))
    for name, kind in held:
        entries = attributes[name]
        if not isinstance(entries, dict):
            raise TypeError(name)
        for key, value in entries.items():
            if not isinstance(key, str) or not (value is None or isinstance(value, kind)):
                raise TypeError(f"{name}[{key!r}]")
    if not isinstance(attributes["training"], bool) or not isinstance(attributes["_non_persistent_buffers_set"], set):
        raise TypeError("training")
    if any(attributes[name] for name in HOOKS) or not all(isinstance(name, str) for name in attributes):
        raise TypeError("hooks")
