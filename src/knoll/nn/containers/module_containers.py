"""Lists and dictionaries of modules, for a `forward` that chooses among them."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import groupby
from typing import Any, Self, SupportsIndex, cast, overload

from knoll.errors import ArgumentTypeError
from knoll.nn.containers.parameter_containers import check_pair
from knoll.nn.containers.position import position
from knoll.nn.module import Module
from knoll.nn.module_text import indented
from knoll.tensor.arguments import integer, items

__all__ = ["ModuleDict", "ModuleList"]


class ModuleList(Module):
    """List of modules that are found by `parameters()`, `state_dict()` and so on; it has no `forward`.

    - `modules`: the modules that it begins with.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.ModuleList.html

    >>> from knoll import nn
    >>> nn.ModuleList(nn.ReLU() for _ in range(3))
    ModuleList(
      (0-2): 3 x ReLU()
    )
    """

    _is_sequence = True

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(() if modules is None else modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(cast("dict[str, Module]", self._modules).values())

    @overload
    def __getitem__(self, idx: slice) -> Self: ...
    @overload
    def __getitem__(self, idx: SupportsIndex) -> Module: ...
    def __getitem__(self, idx: slice | SupportsIndex) -> Module:
        return type(self)(list(self)[idx]) if isinstance(idx, slice) else list(self)[position(idx, len(self))]

    def __setitem__(self, idx: SupportsIndex, module: Module) -> None:
        setattr(self, str(position(idx, len(self))), module)

    def __delitem__(self, idx: slice | SupportsIndex) -> None:
        modules = list(self)
        del modules[idx if isinstance(idx, slice) else position(idx, len(self))]
        self._hold(modules)

    def _hold(self, modules: Iterable[Module]) -> None:
        self._modules.clear()
        self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def append(self, module: Module) -> Self:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end."""
        if not isinstance(modules, Iterable):
            raise ArgumentTypeError(
                f"ModuleList.extend should be called with an iterable, but got {type(modules).__name__}"
            )
        for module in items(modules, "extend", "modules"):
            self.add_module(str(len(self)), module)
        return self

    def insert(self, index: int, module: Module) -> None:
        """Put a module before the one at `index`."""
        modules = list(self)
        modules.insert(integer(index, "insert", "index"), module)
        self._hold(modules)

    def pop(self, key: int | slice) -> Module:
        """Take out a module, or a ModuleList of several."""
        taken = self[key]
        del self[key]
        return taken

    def __repr__(self) -> str:
        """As every module, but with neighbours that look alike folded into one line."""
        lines, start = [], 0
        for text, alike in groupby(map(repr, self)):
            count = len(list(alike))
            head = f"({start}): " if count == 1 else f"({start}-{start + count - 1}): {count} x "
            lines.append(indented(head + text))
            start += count
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)" if lines else f"{self._get_name()}()"


class ModuleDict(Module):
    """Dictionary of modules that are found by `parameters()`, `state_dict()` and so on; it has no `forward`.

    - `modules`: the modules that it begins with, as a dictionary or pairs of a name and a module.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html

    >>> from knoll import nn
    >>> nn.ModuleDict({"relu": nn.ReLU()})
    ModuleDict(
      (relu): ReLU()
    )
    """

    _is_mapping = True

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        super().__init__()
        self.update({} if modules is None else modules)

    def __getitem__(self, key: str) -> Module:
        return cast("Module", self._modules[key])

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> ValuesView[Module]:
        """The modules."""
        return cast("dict[str, Module]", self._modules).values()

    def items(self) -> ItemsView[str, Module]:
        """Names and modules."""
        return cast("dict[str, Module]", self._modules).items()

    def clear(self) -> None:
        """Take all modules out."""
        self._modules.clear()

    def pop(self, key: str) -> Module:
        """Take out a module."""
        taken = self[key]
        del self[key]
        return taken

    def update(self, modules: Mapping[str, Module] | ModuleDict | Iterable[tuple[str, Module]]) -> None:
        """Add modules by name, in place of those that had the names."""
        if not isinstance(modules, Iterable):
            raise ArgumentTypeError(
                "ModuleDict.update should be called with an iterable of key/value pairs, "
                f"but got {type(modules).__name__}"
            )
        pairs: Iterable[Any] = modules.items() if isinstance(modules, (Mapping, ModuleDict)) else modules
        for number, pair in enumerate(pairs):
            check_pair("ModuleDict", number, pair)
            self[pair[0]] = pair[1]
