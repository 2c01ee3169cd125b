"""Weights out of the files that `torch.save` writes, without PyTorch and without running what they contain.

Such a file is a pickle beside the raw numbers. The pickle is read into plain containers, descriptions of tensors
(`StoredTensor`) and inert stand-ins for modules (`Inert`); then the weights are collected under the names of a state
dict, and the numbers fetched. Layout of the file: https://pytorch.org/docs/stable/notes/serialization.html
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice
from typing import Any, TypeVar

from numpy.typing import NDArray

from knoll.data.pickle_machine import Allowance
from knoll.errors import DataError
from knoll.interop.opened import read_bytes
from knoll.interop.torch_legacy import is_legacy, read_legacy
from knoll.interop.torch_pickle import Contents, Inert, StoredTensor
from knoll.interop.torch_zip import is_zip, read_zip
from knoll.messages import say

W = TypeVar("W")

# Where training programs keep the weights in a checkpoint that holds more than them.
_USUAL_KEYS = ("state_dict", "model_state_dict", "model", "net", "network", "weights")
# A file whose modules contain themselves would never come to an end.
_LONGEST_NAME = 10_000
_BYTES_A_NAME = 200
_MOST_SHOWN = 20  # keys of a dict, in a message


def load_torch(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """The weights in a `.pth` or `.pt` file, by their names in the state dict.

    Takes a state dict, a whole module, and a checkpoint that has either under a usual key as "state_dict". bfloat16
    numbers come as float32, which holds them exactly; tensors saved on a GPU come like any other.

    Raises FileError where the file cannot be read, DataError where it is damaged or holds no weights, UnsafeFileError
    where it calls a function, UnsupportedError for TorchScript programs, quantised numbers and big-endian files.
    """
    return weights_of(read_torch(read_bytes(path), path))


def read_torch(data: bytes, path: object) -> Contents:
    """All that a file of PyTorch holds, in descriptions. Raises what `load_torch` raises for files of another kind."""
    if is_zip(data):
        return read_zip(data)
    if is_legacy(data):
        return read_legacy(data)
    raise DataError(say("interop.no_torch_file", path=path), advice=say("interop.weights_advice"))


def weights_of(contents: Contents) -> dict[str, NDArray[Any]]:
    """The weights in what was read, by name."""
    allowance = contents.allowance
    tensors = first_weights(contents.value, lambda part: module_weights(part, allowance) or _of_mapping(part))
    return {name: contents.array(tensor) for name, tensor in tensors.items()}


def first_weights(value: Any, weights_in: Callable[[Any], dict[str, W]]) -> dict[str, W]:
    """The weights in a value or, where it is a checkpoint, under a usual key. Raises DataError where there are none."""
    parts = [value[key] for key in _USUAL_KEYS if key in value] if isinstance(value, dict) else []
    found = next(filter(None, map(weights_in, [*parts, value])), None)
    if found is None:
        keys = _shown(value) if isinstance(value, dict) else type(value).__name__
        raise DataError(say("interop.no_weights"), got=keys, advice=say("interop.no_weights_advice"))
    return found


def _shown(value: dict[Any, Any]) -> str:
    """The first keys of a dict that are texts or numbers."""
    plain = [str(key) for key in islice(value, _MOST_SHOWN) if isinstance(key, (str, int, float))]
    return ", ".join(plain) + (", …" if len(value) > len(plain) else "")


def _of_mapping(value: Any) -> dict[str, StoredTensor]:
    return _named(value, StoredTensor) if isinstance(value, dict) else {}


def _named(entries: dict[Any, Any], kind: type[W]) -> dict[str, W]:
    """The entries of this kind whose names are texts or numbers."""
    found = ((name, entry) for name, entry in entries.items() if isinstance(entry, kind))
    return {str(name): entry for name, entry in found if isinstance(name, (str, int))}


def module_weights(root: Any, allowance: Allowance) -> dict[str, StoredTensor]:
    """Of each module the parameters, the buffers, then those of the modules within: the order of a state dict."""
    tensors: dict[str, StoredTensor] = {}
    waiting = [("", root)] if isinstance(root, Inert) else []
    while waiting:
        prefix, module = waiting.pop()
        if len(prefix) > _LONGEST_NAME:
            raise DataError(say("interop.too_many_modules"))
        hidden = {name for name in module.attribute("_non_persistent_buffers_set", set) if isinstance(name, str)}
        own = _of_mapping(module.attribute("_parameters", dict)) | _of_mapping(module.attribute("_buffers", dict))
        inner = _named(module.attribute("_modules", dict), Inert)
        # A file of modules that share modules could ask for more names than there is memory.
        allowance.copy(sum(len(prefix) + len(name) + _BYTES_A_NAME for name in (*own, *inner, *hidden, "")))
        tensors |= {prefix + name: tensor for name, tensor in own.items() if name not in hidden}
        waiting += [(f"{prefix}{name}.", part) for name, part in reversed(inner.items())]
    return tensors
