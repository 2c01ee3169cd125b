"""Nested values as named arrays and a text, and back: what a safetensors file can hold of them.

The text is JSON. Numbers, texts, None and lists stand for themselves; an object of one entry says what JSON lacks:
`{"dict": [[key, value], …]}`, whose keys need not be texts, `{"state": [dict, metadata]}` for a state dict with the
versions of its modules, `{"tuple": […]}`, `{"float": "inf"}`, `{"dtype": "float32"}`, `{"device": "cpu"}`, and
`{"tensor": name}` for an array of the file, `{"learned": name}` for one that wants a gradient, `{"parameter": name}`
and `{"frozen parameter": name}`. A tensor that stands in several places is one.
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.errors import ArgumentError, ArgumentTypeError, DataError
from knoll.messages import say
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor
from knoll.tensor.device import device
from knoll.tensor.dtypes import dtype_of

_MOST_BITS = 14_000  # of a whole number; Python reads and writes no more than 4,300 digits

Path = tuple[str, ...]
Arrays = dict[str, NDArray[Any]]


def take_apart(value: Any) -> tuple[Arrays, str]:
    """The arrays in a nested value, named by their places, and the text that says how all of it is put together.

    Raises ArgumentTypeError for what is no number, text, None, tensor, or a list, tuple or dict of such, ArgumentError
    for a value that contains itself.

    >>> arrays, text = take_apart({"epoch": 3, "model": {"weight": np.ones(2)}})
    >>> list(arrays), text
    (['model.weight'], '{"dict": [["epoch", 3], ["model", {"dict": [["weight", {"tensor": "model.weight"}]]}]]}')
    """
    apart = _Apart()
    try:
        return apart.arrays, json.dumps(apart.described(value, ()))
    except RecursionError:
        raise ArgumentError(say("interop.endless")) from None


def put_together(text: str, arrays: Mapping[str, Any], made: Callable[[str, Any], Any] = lambda _, array: array) -> Any:
    """The value that a text describes, with what is `made` of these arrays in their places, by its kind.

    Nothing but numbers, texts and containers can come out. Raises DataError for a text of another kind.
    """
    try:
        return _Together(arrays, made).built(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        reason = say("interop.broken_structure", reason=f"{type(error).__name__}: {error}")
        raise DataError(reason, advice=say("interop.copy_again")) from None


class _Apart:
    """Takes a value apart: arrays are put aside, each once."""

    def __init__(self) -> None:
        self.arrays: Arrays = {}
        self._told: dict[int, tuple[Any, Any]] = {}  # what was said of a tensor, and it, so that its id stays its own

    def described(self, value: Any, path: Path) -> Any:
        """What JSON says of a value at this place."""
        if isinstance(value, (Tensor, np.ndarray)):
            if id(value) not in self._told:
                self._told[id(value)] = (self._stored(value, path), value)
            return self._told[id(value)][0]
        if isinstance(value, np.dtype) and value.kind in "biuf":
            return {"dtype": value.name}
        if isinstance(value, device):
            return {"device": str(value)}
        plain = value.item() if isinstance(value, np.generic) else value
        if isinstance(plain, float) and not math.isfinite(plain):
            return {"float": str(plain)}
        if isinstance(plain, int) and plain.bit_length() > _MOST_BITS:
            raise _refusal(value, path)
        if plain is None or isinstance(plain, (bool, int, float, str)):
            return plain
        return self._container(value, path)

    def _container(self, value: Any, path: Path) -> Any:
        if isinstance(value, (list, tuple)):
            parts = [self.described(part, (*path, str(index))) for index, part in enumerate(value)]
            return {"tuple": parts} if isinstance(value, tuple) else parts
        if isinstance(value, Mapping):
            entries = value.items()
            found = {"dict": [[_key(key, path), self.described(part, (*path, str(key)))] for key, part in entries]}
            metadata = versions_of(value)
            return found if metadata is None else {"state": [found, self.described(metadata, (*path, "_metadata"))]}
        raise _refusal(value, path)

    def _stored(self, value: Tensor | np.ndarray, path: Path) -> Any:
        name = free_name(path, self.arrays)
        self.arrays[name] = value._realize() if isinstance(value, Tensor) else value
        return {kind_of(value): name}


def kind_of(value: Any) -> str:
    """What a tensor or an array is, by name: a parameter, what learns otherwise, or numbers alone."""
    if isinstance(value, Parameter):
        return "parameter" if value.requires_grad else "frozen parameter"
    return "learned" if isinstance(value, Tensor) and value.requires_grad else "tensor"


def tensor_of(kind: str, numbers: Tensor) -> Tensor:
    """A tensor of this kind over these numbers. Raises ValueError where they cannot learn."""
    if kind == "tensor":
        return numbers
    if numbers.dtype.kind != "f" and kind != "frozen parameter":
        raise ValueError(kind)
    return numbers.requires_grad_() if kind == "learned" else Parameter(numbers, kind == "parameter")


def versions_of(value: Any) -> Mapping[Any, Any] | None:
    """The versions of the modules whose state dict a value is, by their names; None for anything else."""
    versions = getattr(value, "_metadata", None)
    return versions if isinstance(versions, Mapping) else None


def _key(key: Any, path: Path) -> Any:
    """What JSON says of a key, which holds no arrays."""
    apart = _Apart()
    described = apart.described(key, path)
    if apart.arrays or is_huge(key):
        raise _refusal(key, path)
    return described


def is_huge(key: Any) -> bool:
    """Whether a key is, or holds, a whole number of more than 64 bits; endless many of these have the same hash."""
    if isinstance(key, tuple):
        return any(map(is_huge, key))
    return isinstance(key, int) and not -(1 << 63) <= key < 1 << 64


def _checked(key: Any) -> Any:
    if is_huge(key):
        raise ValueError("key")
    return key


def free_name(path: Path, arrays: Arrays) -> str:
    """A name for the array at this place that no other array has."""
    name = ".".join(path) or "tensor"
    while name in arrays or name == "__metadata__":
        name += "'"
    return name


def _refusal(value: Any, path: Path) -> ArgumentTypeError:
    place = "".join(f"[{part!r}]" for part in path)
    kind = type(value).__name__
    if hasattr(value, "state_dict"):
        return ArgumentTypeError(
            say("interop.whole_object", place=place, kind=kind), advice=say("interop.whole_object_advice")
        )
    return ArgumentTypeError(say("interop.no_data", place=place, kind=kind), advice=say("interop.no_data_advice"))


class _Together:
    """Puts a value together; what is made of an array is made once."""

    def __init__(self, arrays: Mapping[str, Any], made: Callable[[str, Any], Any]) -> None:
        self._arrays, self._make = arrays, made
        self._made: dict[tuple[str, str], Any] = {}

    def built(self, part: Any) -> Any:
        """The value of a part of the text."""
        if isinstance(part, list):
            return [self.built(each) for each in part]
        if not isinstance(part, dict):
            return part
        ((kind, content),) = part.items()
        match kind:
            case "tensor" | "learned" | "parameter" | "frozen parameter":
                if (kind, content) not in self._made:
                    self._made[kind, content] = self._make(kind, self._arrays[content])
                return self._made[kind, content]
            case "float":
                return float(content)
            case "dtype":
                return dtype_of(content)
            case "device":
                return device(content)
            case "tuple":
                return tuple(self.built(each) for each in content)
            case "dict":
                return {_checked(self.built(key)): self.built(value) for key, value in content}
            case "state":
                entries, versions = (self.built(each) for each in content)
                state: Any = OrderedDict(entries)
                state._metadata = OrderedDict(versions)
                return state
        raise ValueError(kind)
