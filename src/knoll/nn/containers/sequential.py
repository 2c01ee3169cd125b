"""Sequential: modules one after the other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, Self, SupportsIndex, cast, overload

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn.containers.position import position
from knoll.nn.module import Module
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, items

__all__ = ["Sequential"]


class Sequential(Module):
    """Sequence of modules: each takes the result of the one before it.

    Takes modules, which are named "0", "1", …, or one OrderedDict of names and modules. It can be read and changed as a
    list. Deleting and inserting number all anew, as in PyTorch; but names of their own are kept, which PyTorch loses.
    Raises ArgumentTypeError, IndexError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html

    >>> from knoll import nn
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> model.append(nn.ReLU())
    Sequential(
      (0): Flatten(start_dim=1, end_dim=-1)
      (1): Linear(in_features=4, out_features=2, bias=True)
      (2): ReLU()
    )
    >>> model[1:]
    Sequential(
      (1): Linear(in_features=4, out_features=2, bias=True)
      (2): ReLU()
    )
    """

    _is_sequence = True

    def __init__(self, *args: Module | OrderedDict[str, Module]) -> None:
        super().__init__()
        only = args[0] if len(args) == 1 else None
        named = only.items() if isinstance(only, OrderedDict) else ((str(i), arg) for i, arg in enumerate(args))
        for name, module in named:
            self.add_module(name, cast("Module", module))

    def forward(self, input: Any) -> Tensor | Any:  # noqa: A002 (PyTorch's name)
        """The result of the last module."""
        result = input
        for module in self._modules.values():
            result = module(result)  # type: ignore[misc]  # None in the place of a module fails here, as in PyTorch
        return result

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(cast("dict[str, Module]", self._modules).values())

    @overload
    def __getitem__(self, idx: slice) -> Self: ...
    @overload
    def __getitem__(self, idx: SupportsIndex) -> Module: ...
    def __getitem__(self, idx: slice | SupportsIndex) -> Module:
        if isinstance(idx, slice):
            return type(self)(OrderedDict(list(cast("dict[str, Module]", self._modules).items())[idx]))
        return cast("Module", self._modules[self._name(idx)])

    def __setitem__(self, idx: SupportsIndex, module: Module) -> None:
        setattr(self, self._name(idx), module)

    def __delitem__(self, idx: slice | SupportsIndex) -> None:
        names = list(self._modules)[idx] if isinstance(idx, slice) else [self._name(idx)]
        for name in names:
            del self._modules[name]
        self._hold(list(self._modules.items()))

    def _name(self, idx: SupportsIndex) -> str:
        return list(self._modules)[position(idx, len(self))]

    def _hold(self, named: list[tuple[str, Module | None]]) -> None:
        """Hold these modules: by numbers, or by their names if any is more than a number."""
        if all(name.isdigit() for name, _ in named):
            named = [(str(i), module) for i, (_, module) in enumerate(named)]
        self._modules.clear()
        self._modules.update(named)

    def _free_name(self, number: int) -> str:
        """The first number from this one on that is nobody's name."""
        while str(number) in self._modules:
            number += 1
        return str(number)

    def append(self, module: Module) -> Self:
        """Add a module at the end, under the first free number from its place on; PyTorch overwrites a taken one."""
        self.add_module(self._free_name(len(self)), module)
        return self

    def extend(self, sequential: Iterable[Module]) -> Self:
        """Add modules at the end."""
        for module in items(sequential, "extend", "sequential"):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Put a module before the one at `index`; those after it move up, and keep their names if they have any."""
        if not isinstance(module, Module):
            raise ArgumentTypeError(f"module should be of type: {Module}", got=type(module).__name__)
        if not -len(self) <= integer(index, "insert", "index") <= len(self):
            raise IndexError(f"Index out of range: {index}")
        named = list(self._modules.items())
        named.insert(index, (self._free_name(len(self)), module))
        self._hold(named)
        return self

    def pop(self, key: int | slice) -> Module:
        """Take out a module, or a Sequential of several."""
        taken = self[key]
        del self[key]
        return taken

    def __add__(self, other: Sequential) -> Sequential:
        return Sequential(*self, *_sequential(other))

    def __iadd__(self, other: Sequential) -> Self:
        return self.extend(_sequential(other))

    def __mul__(self, other: int) -> Sequential:
        return Sequential(*list(self) * self._factor(other))

    def __rmul__(self, other: int) -> Sequential:
        return self * other

    def __imul__(self, other: int) -> Self:
        return self.extend(list(self) * (self._factor(other) - 1))

    def _factor(self, other: Any) -> int:
        if not isinstance(other, int):
            raise ArgumentTypeError(f"unsupported operand type(s) for *: {type(self)} and {type(other)}")
        if other <= 0:
            raise ArgumentError(f"Non-positive multiplication factor {other} for {type(self)}")
        return other


def _sequential(other: Any) -> Sequential:
    if not isinstance(other, Sequential):
        raise ArgumentError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
    return other
