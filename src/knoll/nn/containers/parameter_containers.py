"""Lists and dictionaries of parameters, for modules that have many without a layer around each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, KeysView, Mapping
from typing import Any, NoReturn, Self, SupportsIndex

from knoll.errors import ArgumentError, ArgumentTypeError, MissingAttributeError, StateError
from knoll.nn.containers.position import position
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.typename import typename
from knoll.tensor import Tensor
from knoll.tensor.arguments import items

__all__ = ["ParameterDict", "ParameterList"]


class ParameterList(Module):
    """List of parameters that are found by `parameters()`, `state_dict()` and so on; tensors become parameters.

    - `values`: the tensors that it begins with.

    Other things can be held too, and are only kept. Raises ArgumentTypeError, IndexError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ParameterList.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ParameterList([knoll.zeros(2, 3), "a word"])
    ParameterList(
        (0): Parameter containing: [torch.float32 of size 2x3]
        (1): Object of type: str
    )
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        self.extend(() if values is None else values)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    def __getitem__(self, idx: slice | SupportsIndex) -> Any:
        if isinstance(idx, slice):
            return type(self)(self[i] for i in range(*idx.indices(len(self))))
        return getattr(self, self._name(idx))

    def __setitem__(self, idx: SupportsIndex, param: Any) -> None:
        setattr(self, self._name(idx), _parameter(param))

    def _name(self, idx: SupportsIndex) -> str:
        return str(position(idx, len(self)))

    def __iadd__(self, parameters: Iterable[Any]) -> Self:
        return self.extend(parameters)

    def append(self, value: Any) -> Self:
        """Add one at the end."""
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add several at the end; a tensor is one and not several."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise ArgumentTypeError(
                f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}"
            )
        for value in items(values, "extend", "values"):
            self.append(value)
        return self

    def extra_repr(self) -> str:
        """One line for each."""
        return "\n".join(f"  ({i}): {_shown(value, _dtype_of(value))}" for i, value in enumerate(self))

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: a list has no forward."""
        raise StateError("ParameterList should not be called.")


class ParameterDict(Module):
    """Dictionary of parameters that are found by `parameters()`, `state_dict()` and so on; tensors become parameters.

    - `parameters`: the tensors that it begins with, as a dictionary or pairs of a name and a tensor; or only names.

    Other things can be held too, and are only kept. A plain dict is taken in the order of its sorted names, as PyTorch
    does. Raises ArgumentTypeError, ArgumentError, KeyError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ParameterDict({"left": knoll.zeros(5, 10), "right": knoll.zeros(5)})
    ParameterDict(
        (left): Parameter containing: [torch.FloatTensor of size 5x10]
        (right): Parameter containing: [torch.FloatTensor of size 5]
    )
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        self.update({} if parameters is None else parameters)

    def __getitem__(self, key: str) -> Any:
        return getattr(self, _text(key))

    def __setitem__(self, key: str, value: Any) -> None:
        name = _text(key)
        self._keys[key] = None
        setattr(self, name, _parameter(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._keys.keys()

    def values(self) -> Iterable[Any]:
        """What is held."""
        return (self[key] for key in self._keys)

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names and what they hold."""
        return ((key, self[key]) for key in self._keys)

    def copy(self) -> ParameterDict:
        """Another dictionary of the same parameters."""
        return ParameterDict(OrderedDict(self.items()))

    def get(self, key: str, default: Any = None) -> Any:
        """What `key` holds, or `default`."""
        return self[key] if key in self else default  # noqa: SIM401 (this is `get`)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """What `key` holds, which is `default` from now on if it held nothing."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Take one out. Raises MissingAttributeError, as PyTorch does."""
        if key not in self._keys:
            raise MissingAttributeError(f"'ParameterDict' object has no attribute '{key}'")
        taken = self[key]
        del self[key]
        return taken

    def popitem(self) -> tuple[str, Any]:
        """Take the last one out, with its name."""
        if not self._keys:
            raise KeyError("popitem(): dictionary is empty")
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def clear(self) -> None:
        """Take all out."""
        for key in list(self._keys):
            del self[key]

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new dictionary in which every name holds `default`."""
        return ParameterDict((key, default) for key in keys)

    def update(self, parameters: Any) -> None:
        """Add parameters by name, in place of those that had the names."""
        if not isinstance(parameters, Iterable):
            raise ArgumentTypeError(
                "ParametersDict.update should be called with an iterable of key/value pairs, "
                f"but got {type(parameters).__name__}"
            )
        if isinstance(parameters, Mapping) and not isinstance(parameters, OrderedDict):
            parameters = sorted(parameters.items())
        pairs = parameters.items() if isinstance(parameters, (OrderedDict, ParameterDict)) else parameters
        for number, pair in enumerate(list(pairs)):
            check_pair("ParameterDict", number, pair)
            self[pair[0]] = pair[1]

    def extra_repr(self) -> str:
        """One line for each."""
        return "\n".join(f"  ({key}): {_shown(value, typename(value))}" for key, value in self.items())

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: a dictionary has no forward."""
        raise StateError("ParameterDict should not be called.")

    def __or__(self, other: ParameterDict) -> ParameterDict:
        copy = self.copy()
        copy.update(other)
        return copy

    def __ror__(self, other: ParameterDict) -> ParameterDict:
        copy = other.copy()
        copy.update(self)
        return copy

    def __ior__(self, other: ParameterDict) -> Self:
        self.update(other)
        return self


def check_pair(container: str, number: int, pair: Any) -> None:
    """Refuse what is no pair of a name and a value."""
    if not isinstance(pair, Iterable):
        raise ArgumentTypeError(
            f"{container} update sequence element #{number} should be Iterable; is{type(pair).__name__}"
        )
    length = len(pair)  # type: ignore[arg-type]  # pairs have a length
    if length != 2:
        raise ArgumentError(f"{container} update sequence element #{number} has length {length}; 2 is required")


def _text(key: Any) -> str:
    if not isinstance(key, str):
        raise ArgumentTypeError(
            "Index given to ParameterDict cannot be used as a key as it is not a string "
            f"(type is '{type(key).__name__}'). Open an issue on github if you need non-string keys."
        )
    return key


def _parameter(value: Any) -> Any:
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _dtype_of(value: Any) -> str:
    return f"torch.{value.dtype}" if isinstance(value, Tensor) else ""


def _shown(value: Any, kind: str) -> str:
    """A value in one line: what it is, its type and its size."""
    if not isinstance(value, Tensor):
        return f"Object of type: {type(value).__name__}"
    held = "Parameter" if isinstance(value, Parameter) else "Tensor"
    return f"{held} containing: [{kind} of size {'x'.join(map(str, value.shape))}]"
