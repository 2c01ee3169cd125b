"""Arrays or tensors in tuples, lists and dictionaries: what a call takes and gives."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor


@dataclass(frozen=True)
class Structure:
    """A tuple, list or dictionary and its parts, or None; without a kind, an array or tensor itself.

    >>> structure, arrays = Structure.of((np.zeros(2), {"mask": np.ones(2)}))
    >>> structure
    (array, {'mask': array})
    >>> structure.filled(["a", "b"])
    ('a', {'mask': 'b'})
    """

    kind: type | None = None
    parts: tuple[Structure, ...] = ()
    keys: tuple[Hashable, ...] = ()

    @classmethod
    def of(cls, value: object) -> tuple[Structure, list[Any]]:
        """The structure of a value, and what stands in it in order; a list of numbers is an array."""
        if value is None:
            return cls(type(None)), []
        if not _holds_arrays(value):
            return cls(), [value]
        assert isinstance(value, (tuple, list, dict))
        keys, parts = (tuple(value), tuple(value.values())) if isinstance(value, dict) else ((), value)
        inner, arrays = cls.of_all(parts)
        return cls(type(value), inner.parts, keys), arrays

    @classmethod
    def of_all(cls, values: Sequence[object]) -> tuple[Structure, list[Any]]:
        """The structure of a tuple of these values, and what stands in it in order."""
        found = [cls.of(value) for value in values]
        return cls(tuple, tuple(part for part, _ in found)), [each for _, inner in found for each in inner]

    def __repr__(self) -> str:
        if self.kind is None:
            return "array"
        inner = ", ".join(map(repr, self.parts))
        if issubclass(self.kind, tuple):
            return f"({inner},)" if len(self.parts) == 1 else f"({inner})"
        if issubclass(self.kind, list):
            return f"[{inner}]"
        pairs = zip(self.keys, self.parts, strict=True)
        return "{" + ", ".join(f"{key!r}: {part!r}" for key, part in pairs) + "}" if self.keys else "None"

    def leaves(self, value: Any) -> list[Any]:
        """What stands in a value that is built like this. Raises ArgumentTypeError for one that is built otherwise."""
        if not self._fits(value):
            got = repr(Structure.of(value)[0])
            raise ArgumentTypeError(say("nn.compiled_structure"), expected=repr(self), got=got)
        return list(self._leaves(value))

    def _fits(self, value: Any) -> bool:
        if self.kind is None:
            return value is not None and not _holds_arrays(value)
        if self.keys:
            if not isinstance(value, Mapping) or value.keys() != set(self.keys):
                return False
        elif not isinstance(value, type(None) if self.kind is type(None) else (tuple, list)):
            return False
        inner = self._inner(value)
        return len(inner) == len(self.parts) and all(p._fits(v) for p, v in zip(self.parts, inner, strict=True))

    def _leaves(self, value: Any) -> Iterator[Any]:
        if self.kind is None:
            yield value
        for part, each in zip(self.parts, self._inner(value), strict=True):
            yield from part._leaves(each)

    def _inner(self, value: Any) -> Sequence[Any]:
        """The parts of a value of this kind."""
        if self.keys:
            return [value[key] for key in self.keys]
        return value if self.parts else ()

    def filled(self, leaves: Sequence[Any]) -> Any:
        """The same structure with other leaves."""
        return leaves[0] if self.kind is None else self._filled(iter(leaves))

    def _filled(self, leaves: Iterator[Any]) -> Any:
        if self.kind is None:
            return next(leaves)
        inner = [part._filled(leaves) for part in self.parts]
        if self.keys:
            pairs = zip(self.keys, inner, strict=True)
            return OrderedDict(pairs) if issubclass(self.kind, OrderedDict) else dict(pairs)
        if hasattr(self.kind, "_fields"):  # a named tuple
            return self.kind(*inner)
        return tuple(inner) if issubclass(self.kind, tuple) else inner if issubclass(self.kind, list) else None


def _holds_arrays(value: object) -> bool:
    """Whether a value is a tuple, list or dictionary with an array or tensor in it."""
    if not isinstance(value, (tuple, list, dict)):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return any(isinstance(part, (Tensor, np.ndarray)) or _holds_arrays(part) for part in parts)
