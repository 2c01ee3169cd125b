"""The modules, parameters and buffers of a model, by dotted names. These functions are methods of `Module`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from knoll.errors import ArgumentError, ArgumentTypeError, MissingAttributeError
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor
from knoll.tensor.arguments import Flag, public

if TYPE_CHECKING:
    from knoll.nn.module import Module


@public("named_modules")
def named_modules(
    module: Module, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: Flag = True
) -> Iterator[tuple[str, Module]]:
    """The module itself and all below it by dotted names; shared ones once unless `remove_duplicate` is False."""
    memo = set() if memo is None else memo
    if not isinstance(memo, set):
        raise ArgumentTypeError(f"named_modules(): argument 'memo' must be set, not {type(memo).__name__}")
    if module in memo:
        return
    if remove_duplicate:
        memo.add(module)
    yield prefix, module
    for name, child in module._modules.items():
        if child is not None:
            yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)


def modules(module: Module, remove_duplicate: Flag = True) -> Iterator[Module]:
    """The module itself and all below it, shared ones once unless `remove_duplicate` is False."""
    return (each for _, each in module.named_modules(remove_duplicate=remove_duplicate))


def named_children(module: Module) -> Iterator[tuple[str, Module]]:
    """The modules directly below by name, shared ones once."""
    seen: set[Module] = set()
    for name, child in module._modules.items():
        if child is not None and child not in seen:
            seen.add(child)
            yield name, child


def children(module: Module) -> Iterator[Module]:
    """The modules directly below, shared ones once."""
    return (child for _, child in module.named_children())


@public("named_parameters")
def named_parameters(
    module: Module, prefix: str = "", recurse: Flag = True, remove_duplicate: Flag = True
) -> Iterator[tuple[str, Parameter]]:
    """Every parameter by its dotted name; a shared one once unless `remove_duplicate` is False."""
    return module._named_members(lambda each: each._parameters.items(), prefix, recurse, remove_duplicate)


@public("parameters")
def parameters(module: Module, recurse: Flag = True) -> Iterator[Parameter]:
    """Every parameter, shared ones once."""
    return (parameter for _, parameter in module.named_parameters(recurse=recurse))


@public("named_buffers")
def named_buffers(
    module: Module, prefix: str = "", recurse: Flag = True, remove_duplicate: Flag = True
) -> Iterator[tuple[str, Tensor]]:
    """Every buffer by its dotted name; a shared one once unless `remove_duplicate` is False."""
    return module._named_members(lambda each: each._buffers.items(), prefix, recurse, remove_duplicate)


@public("buffers")
def buffers(module: Module, recurse: Flag = True) -> Iterator[Tensor]:
    """Every buffer, shared ones once."""
    return (buffer for _, buffer in module.named_buffers(recurse=recurse))


def _named_members(
    module: Module,
    get_members_fn: Callable[[Module], Iterable[tuple[str, Any]]],
    prefix: str = "",
    recurse: Flag = True,
    remove_duplicate: Flag = True,
) -> Iterator[tuple[str, Any]]:
    """What `get_members_fn` gives for the module and those below it, by dotted names."""
    every = module.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, module)]
    seen: set[int] = set()
    for path, each in every:
        for name, member in get_members_fn(each):
            if member is None or id(member) in seen:
                continue
            if remove_duplicate:
                seen.add(id(member))
            yield (f"{path}.{name}" if path else name), member


@public("get_submodule")
def get_submodule(module: Module, target: str) -> Module:
    """The module with the dotted name `target`; raises AttributeError if there is none."""
    from knoll.nn.module import Module  # Module is made of these

    for name in target.split(".") if target else ():
        module = _attribute(module, name)
        if not isinstance(module, Module):
            raise MissingAttributeError(f"`{name}` is not an nn.Module")
    return module


@public("set_submodule")
def set_submodule(root: Module, target: str, module: Module, strict: Flag = False) -> None:
    """Put another module where the dotted name `target` points; with `strict` only in place of one.

    Raises ArgumentError, AttributeError.
    """
    from knoll.nn.module import Module  # Module is made of these

    if not target:
        raise ArgumentError("Cannot set the submodule without a target name!")
    if not isinstance(module, Module):
        raise ArgumentError(f"`module` is not an nn.Module, found {type(module)}")
    path, _, name = target.rpartition(".")
    parent = root.get_submodule(path)
    if (strict or hasattr(parent, name)) and not isinstance(_attribute(parent, name), Module):
        raise MissingAttributeError(f"`{name}` is not an nn.Module")
    setattr(parent, name, module)


@public("get_parameter")
def get_parameter(module: Module, target: str) -> Parameter:
    """The parameter with the dotted name `target`; raises AttributeError if there is none."""
    path, _, name = target.rpartition(".")
    parameter = _attribute(module.get_submodule(path), name)
    if not isinstance(parameter, Parameter):
        raise MissingAttributeError(f"`{name}` is not an nn.Parameter")
    return parameter


@public("get_buffer")
def get_buffer(module: Module, target: str) -> Tensor:
    """The buffer with the dotted name `target`; raises AttributeError if there is none."""
    path, _, name = target.rpartition(".")
    parent = module.get_submodule(path)
    buffer = _attribute(parent, name)
    if name not in parent._buffers:
        raise MissingAttributeError(f"`{name}` is not a buffer")
    return buffer  # type: ignore[no-any-return]


def _attribute(module: Module, name: str) -> Any:
    if not hasattr(module, name):
        raise MissingAttributeError(f"{type(module).__name__} has no attribute `{name}`")
    return getattr(module, name)
