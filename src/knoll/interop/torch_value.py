"""The whole value in a file of PyTorch, in plain containers: what `torch.load` returns, without code."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.data.inert_pickle import PickledArray, PlainDict
from knoll.errors import DataError
from knoll.interop.nested_values import tensor_of
from knoll.interop.torch_file import module_weights
from knoll.interop.torch_pickle import Contents, ElementType, Inert, StoredTensor
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy


def value_of(contents: Contents) -> Any:
    """The value that was saved, with tensors for tensors.

    A module comes as its state dict, an object of another class as a dict of its attributes, an element type as its
    name. Raises DataError where a tensor reaches beyond the file, or containers are nested without end.
    """
    try:
        return _Reader(contents).plain(contents.value)
    except RecursionError:
        raise DataError(say("interop.cut_short"), advice=say("interop.copy_again")) from None


class _Reader:
    """Makes each part plain once, however often the file refers to it."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._done: dict[int, Any] = {}
        self._shared = _with_several(contents.value)
        self._numbers: dict[tuple[str, str], NDArray[Any]] = {}  # of storages with several tensors

    def plain(self, value: Any) -> Any:
        """The value, and what is in it."""
        if id(value) not in self._done:
            self._done[id(value)] = self._converted(value)
        return self._done[id(value)]

    def _converted(self, value: Any) -> Any:
        match value:
            case StoredTensor():
                return tensor_of(value.kind, self._tensor(value))
            case PickledArray():
                self._contents.allowance.copy(value.array.nbytes)
                return value.array.copy()
            case ElementType():
                return value.name
            case Inert():
                weights = module_weights(value, self._contents.allowance)
                return {name: self._tensor(part) for name, part in weights.items()} or self._converted(value.attributes)
            case PlainDict(metadata=dict()):
                state: Any = OrderedDict((key, self.plain(part)) for key, part in value.items())
                state._metadata = self.plain(value.metadata)
                return state
            case dict():
                return {key: self.plain(part) for key, part in value.items()}
            case list():
                return [self.plain(part) for part in value]
            case tuple():
                return tuple(self.plain(part) for part in value)
        return value

    def _tensor(self, stored: StoredTensor) -> Tensor:
        """A tensor, in one memory with the others of its storage."""
        if stored.storage.key not in self._shared:
            return Tensor._over(np.array(self._contents.array(stored)))
        key = stored.storage.key, stored.element.name
        if key not in self._numbers:
            self._numbers[key] = self._contents.numbers(stored.storage, stored.element)
        return from_numpy(self._contents.window(stored, self._numbers[key]))


def _with_several(value: Any) -> set[str]:
    """The names of the storages in which several tensors lie."""
    found: dict[str, StoredTensor] = {}
    several: set[str] = set()
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, StoredTensor):
            if found.setdefault(part.storage.key, part) is not part:
                several.add(part.storage.key)
        elif isinstance(part, Inert):
            waiting.append(part.attributes)
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, (list, tuple)):
            waiting += part
    return several
