"""The modules, parameters and buffers of a model, by dotted names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from knoll.errors import ArgumentTypeError, MissingAttributeError
from knoll.nn.module_base import AnyModule, HasModules, M
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor
from knoll.tensor.arguments import Flag, public


class Traversal(AnyModule):
    """The methods of `Module` that go over modules, parameters and buffers."""

    @public("named_modules")
    def named_modules(
        self: HasModules[M], memo: set[M] | None = None, prefix: str = "", remove_duplicate: Flag = True
    ) -> Iterator[tuple[str, M]]:
        """The module itself and all below it by dotted names; shared ones once unless `remove_duplicate` is False."""
        memo = set() if memo is None else memo
        if not isinstance(memo, set):
            raise ArgumentTypeError(f"named_modules(): argument 'memo' must be set, not {type(memo).__name__}")
        itself = cast("M", self)
        if itself in memo:
            return
        if remove_duplicate:
            memo.add(itself)
        yield prefix, itself
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self: HasModules[M], remove_duplicate: Flag = True) -> Iterator[M]:
        """The module itself and all below it, shared ones once unless `remove_duplicate` is False."""
        return (each for _, each in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self: HasModules[M]) -> Iterator[tuple[str, M]]:
        """The modules directly below by name, shared ones once."""
        seen: set[M] = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self: HasModules[M]) -> Iterator[M]:
        """The modules directly below, shared ones once."""
        return (child for _, child in self.named_children())

    @public("named_parameters")
    def named_parameters(
        self, prefix: str = "", recurse: Flag = True, remove_duplicate: Flag = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Every parameter by its dotted name; a shared one once unless `remove_duplicate` is False."""
        return self._named_members(lambda each: each._parameters.items(), prefix, recurse, remove_duplicate)

    @public("parameters")
    def parameters(self, recurse: Flag = True) -> Iterator[Parameter]:
        """Every parameter, shared ones once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    @public("named_buffers")
    def named_buffers(
        self, prefix: str = "", recurse: Flag = True, remove_duplicate: Flag = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Every buffer by its dotted name; a shared one once unless `remove_duplicate` is False."""
        return self._named_members(lambda each: each._buffers.items(), prefix, recurse, remove_duplicate)

    @public("buffers")
    def buffers(self, recurse: Flag = True) -> Iterator[Tensor]:
        """Every buffer, shared ones once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named_members(
        self,
        get_members_fn: Callable[[AnyModule], Iterable[tuple[str, Any]]],
        prefix: str = "",
        recurse: Flag = True,
        remove_duplicate: Flag = True,
    ) -> Iterator[tuple[str, Any]]:
        """What `get_members_fn` gives for the module and those below it, by dotted names."""
        every = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        seen: set[int] = set()
        for path, each in every:
            for name, member in get_members_fn(each):
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(member))
                yield (f"{path}.{name}" if path else name), member

    @public("get_parameter")
    def get_parameter(self, target: str) -> Parameter:
        """The parameter with the dotted name `target`; raises AttributeError if there is none."""
        path, _, name = target.rpartition(".")
        parameter = attribute(self.get_submodule(path), name)
        if not isinstance(parameter, Parameter):
            raise MissingAttributeError(f"`{name}` is not an nn.Parameter")
        return parameter

    @public("get_buffer")
    def get_buffer(self, target: str) -> Tensor:
        """The buffer with the dotted name `target`; raises AttributeError if there is none."""
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        buffer: Tensor = attribute(parent, name)
        if name not in parent._buffers:
            raise MissingAttributeError(f"`{name}` is not a buffer")
        return buffer


def attribute(module: AnyModule, name: str) -> Any:
    """What stands under a name; raises AttributeError in PyTorch's words if there is nothing."""
    if not hasattr(module, name):
        raise MissingAttributeError(f"{type(module).__name__} has no attribute `{name}`")
    return getattr(module, name)
