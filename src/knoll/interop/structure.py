"""Nested values as named arrays and a text, and back: what a safetensors file can hold of them.

The text is JSON. Numbers, texts, None and lists stand for themselves; an object of one entry says what JSON lacks:
`{"dict": [[key, value], …]}`, whose keys need not be texts, `{"state": [dict, metadata]}` for a state dict with the
versions of its modules, `{"tuple": […]}`, `{"float": "inf"}`, `{"dtype": "float32"}`, `{"device": "cpu"}`, and
`{"tensor": name}` for an array of the file.
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.errors import ArgumentError, ArgumentTypeError, DataError
from knoll.messages import say
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
    arrays: Arrays = {}
    try:
        return arrays, json.dumps(_described(value, (), arrays))
    except RecursionError:
        raise ArgumentError(say("interop.endless")) from None


def put_together(text: str, arrays: Mapping[str, Any]) -> Any:
    """The value that a text describes, with these arrays, or what stands for them, in their places.

    Nothing but numbers, texts and containers can come out. Raises DataError for a text of another kind.
    """
    try:
        return _built(json.loads(text), arrays)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        reason = say("interop.broken_structure", reason=f"{type(error).__name__}: {error}")
        raise DataError(reason, advice=say("interop.copy_again")) from None


def _described(value: Any, path: Path, arrays: Arrays) -> Any:
    """What JSON says of a value at this place; arrays are put aside."""
    if isinstance(value, Tensor):
        value = value.detach().numpy()
    if isinstance(value, np.ndarray):
        name = free_name(path, arrays)
        arrays[name] = value
        return {"tensor": name}
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
    if isinstance(plain, (list, tuple)):
        parts = [_described(part, (*path, str(index)), arrays) for index, part in enumerate(plain)]
        return {"tuple": parts} if isinstance(plain, tuple) else parts
    if isinstance(plain, Mapping):
        entries = plain.items()
        found = {"dict": [[_key(key, path), _described(part, (*path, str(key)), arrays)] for key, part in entries]}
        metadata = versions_of(plain)
        return found if metadata is None else {"state": [found, _described(metadata, (*path, "_metadata"), arrays)]}
    raise _refusal(value, path)


def versions_of(value: Any) -> Mapping[Any, Any] | None:
    """The versions of the modules whose state dict a value is, by their names; None for anything else."""
    versions = getattr(value, "_metadata", None)
    return versions if isinstance(versions, Mapping) else None


def _key(key: Any, path: Path) -> Any:
    """What JSON says of a key, which holds no arrays."""
    arrays: Arrays = {}
    described = _described(key, path, arrays)
    if arrays or is_huge(key):
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


def _built(part: Any, arrays: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_built(each, arrays) for each in part]
    if not isinstance(part, dict):
        return part
    ((kind, content),) = part.items()
    match kind:
        case "tensor":
            return arrays[content]
        case "float":
            return float(content)
        case "dtype":
            return dtype_of(content)
        case "device":
            return device(content)
        case "tuple":
            return tuple(_built(each, arrays) for each in content)
        case "dict":
            return {_checked(_built(key, arrays)): _built(value, arrays) for key, value in content}
        case "state":
            entries, versions = (_built(each, arrays) for each in content)
            state: Any = OrderedDict(entries)
            state._metadata = OrderedDict(versions)
            return state
    raise ValueError(kind)
