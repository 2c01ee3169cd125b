"""Parametrizations: a parameter or a buffer that is computed of others whenever it is read.

Source: PyTorch, `torch/nn/utils/parametrize.py`,
https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import lru_cache
from typing import Any, cast

from knoll.errors import ArgumentError, StateError
from knoll.messages import say
from knoll.nn.containers.module_containers import ModuleDict
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.utils.checks import module as checked_module
from knoll.nn.utils.parametrization_list import ParametrizationList, check_kept, differences, put, register
from knoll.tensor import Tensor
from knoll.tensor.arguments import text, truthy

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "transfer_parametrizations_and_params",
    "type_before_parametrizations",
]


class _Cache:
    """Tensors that were computed inside `cached()`, by the module and their name."""

    depth: int = 0

    def __init__(self) -> None:
        self.tensors: dict[tuple[int, str], tuple[Module, Tensor]] = {}


_cache = _Cache()


@contextmanager
def cached() -> Iterator[None]:
    """Compute every parametrized tensor once inside the block, however often it is read.

    >>> from knoll import nn
    >>> from knoll.nn.utils import parametrizations, parametrize
    >>> layer = parametrizations.weight_norm(nn.Linear(2, 3))
    >>> with parametrize.cached():
    ...     layer.weight is layer.weight
    True
    """
    _cache.depth += 1
    try:
        yield
    finally:
        _cache.depth -= 1
        if not _cache.depth:
            _cache.tensors.clear()


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """The module, whose tensor `tensor_name` is from now on what `parametrization` makes of the one it was.

    `module.weight` is computed whenever it is read, and gradients flow to `module.parametrizations.weight.original`.
    Several are applied one after the other. Where a parametrization has a `right_inverse`, the first value is kept and
    `module.weight = value` sets it. With `unsafe` it may change shape and element type.

    Raises ArgumentError, ArgumentTypeError.

    >>> import knoll
    >>> from knoll import nn
    >>> from knoll.nn.utils import parametrize
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    >>> layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> bool((layer.weight == layer.weight.T).all()), sorted(layer.state_dict())
    (True, ['bias', 'parametrizations.weight.original'])
    """
    checked_module(module), checked_module(parametrization)
    name = text(tensor_name, "register_parametrization", "tensor_name")
    unsafe = truthy(unsafe, "register_parametrization", "unsafe")
    parametrization.train(module.training)
    if is_parametrized(module, name):
        if not unsafe:
            _check_endomorphism(module, name, parametrization)
        listed = _lists(module)[name]
        listed.append(parametrization)
        listed.unsafe |= unsafe
        return module
    if getattr(module, name, None) is None or (name not in module._buffers and name not in module._parameters):
        raise ArgumentError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name '{name}'"
        )
    made = ParametrizationList([parametrization], getattr(module, name), unsafe)
    delattr(module, name)
    if not is_parametrized(module):
        cast(Any, module).parametrizations = ModuleDict()
    _lists(module)[name] = made
    _renew_class(module, type_of(module))
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether this tensor of a module, or without a name any, is parametrized.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.is_parametrized.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import parametrizations, parametrize
    >>> layer = parametrizations.weight_norm(nn.Linear(4, 3))
    >>> parametrize.is_parametrized(layer, "weight"), parametrize.is_parametrized(layer, "bias")
    (True, False)
    """
    lists = getattr(module, "parametrizations", None)
    if not isinstance(lists, ModuleDict):
        return False
    return len(lists) > 0 if tensor_name is None else tensor_name in lists


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """The module, whose tensor is a parameter or a buffer again, with the numbers that it has.

    With `leave_parametrized=False` it has those of the original. Raises ArgumentError where it is not parametrized, or
    has several originals.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.remove_parametrizations.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import parametrizations, parametrize
    >>> layer = parametrizations.weight_norm(nn.Linear(4, 3))
    >>> sorted(parametrize.remove_parametrizations(layer, "weight").state_dict())
    ['bias', 'weight']
    """
    if not is_parametrized(checked_module(module), tensor_name):
        raise ArgumentError(f"Module {module} does not have a parametrization on {tensor_name}")
    listed = _lists(module)[tensor_name]
    if listed.is_tensor:
        original = listed.original
        if leave_parametrized:
            put(original, getattr(module, tensor_name))
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value.detach().clone()) if value.requires_grad else value
    else:
        raise ArgumentError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            "sequence of tensors."
        )
    kind = type_of(module)
    del _lists(module)[tensor_name]
    if not is_parametrized(module):
        del cast(Any, module).parametrizations
    _renew_class(module, kind)
    register(module, tensor_name, original)
    return module


def type_before_parametrizations(module: Module) -> type:
    """The class of a module as it was before any of its tensors was parametrized.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.type_before_parametrizations.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import parametrizations, parametrize
    >>> layer = parametrizations.weight_norm(nn.Linear(4, 3))
    >>> type(layer).__name__, parametrize.type_before_parametrizations(layer).__name__
    ('ParametrizedLinear', 'Linear')
    """
    return type_of(module)


def transfer_parametrizations_and_params(
    from_module: Module, to_module: Module, tensor_name: str | None = None
) -> Module:
    """`to_module`, whose tensors are from now on parametrized as those of `from_module`, with the same originals.

    With `tensor_name` it is that tensor alone. One that `to_module` lacks becomes a parameter of it.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.transfer_parametrizations_and_params.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import parametrizations, parametrize
    >>> one, two = parametrizations.weight_norm(nn.Linear(4, 3)), nn.Linear(4, 3)
    >>> _ = parametrize.transfer_parametrizations_and_params(one, two)
    >>> bool((one.weight == two.weight).all())
    True
    """
    if not is_parametrized(from_module):
        return to_module
    for name in list(_lists(from_module)) if tensor_name is None else [tensor_name]:
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name).detach().clone()))
        given = _lists(from_module)[name]
        for parametrization in given:
            register_parametrization(to_module, name, parametrization)
        for key in [*given._parameters, *given._buffers]:
            setattr(_lists(to_module)[name], key, getattr(given, key))
    return to_module


def type_of(module: Module) -> type[Module]:
    """The class behind a parametrized one, or the class itself."""
    kind = type(module)
    if not (is_parametrized(module) and "_parametrized" in vars(kind)):
        return kind
    return kind.__base__  # type: ignore[return-value]  # it was made from one


def _lists(module: Module) -> Any:
    return cast(Any, module).parametrizations


def _renew_class(module: Module, kind: type[Module]) -> None:
    """Let the class of a module have a property for each tensor that is parametrized now."""
    names = tuple(_lists(module)) if is_parametrized(module) else ()
    module.__class__ = _parametrized(cast(Any, kind), names) if names else kind


@lru_cache(maxsize=256)
def _parametrized(kind: type[Module], names: tuple[str, ...]) -> type[Module]:
    """A subclass of `kind` whose tensors of these names are computed whenever they are read.

    Modules that are parametrized alike share it, so that copies stay as they are when one of them is changed.
    """

    def copied(self: Module, memo: dict[int, Any]) -> Module:
        replica = Module.__new__(type(self))
        memo[id(self)] = replica
        replica.__dict__.update(deepcopy(self.__dict__, memo))
        return replica

    def refuse(self: Module) -> Any:  # noqa: ARG001 (the object that would be saved)
        raise StateError(
            "Serialization of parametrized modules is only supported through state_dict().",
            advice=say("nn.parametrized_state"),
        )

    members: dict[str, Any] = {name: _property(name) for name in names}
    members |= {"__module__": kind.__module__, "_parametrized": True, "_is_pure": _never, "__getstate__": refuse}
    if "__deepcopy__" not in dir(kind):
        members["__deepcopy__"] = copied
    return type(f"Parametrized{kind.__name__}", (kind,), members)


def _never(self: Module, *_: Tensor) -> bool:  # noqa: ARG001 (a method)
    """Whether `forward` follows from parameters and options: parametrizations may draw or remember something."""
    return False


def _property(name: str) -> property:
    def get(self: Module) -> Tensor:
        listed = _lists(self)[name]
        if not _cache.depth:
            return cast(Tensor, listed())
        key = (id(self), name)
        if key not in _cache.tensors:
            _cache.tensors[key] = self, listed()  # the module too, so that its id is nobody else's
        return _cache.tensors[key][1]

    def set_to(self: Module, value: Tensor) -> None:
        _lists(self)[name].right_inverse(value)

    return property(get, set_to)


def _check_endomorphism(module: Module, name: str, parametrization: Module) -> None:
    """Raise ArgumentError where a further parametrization, or its inverse, changes the element type or the shape."""
    value = getattr(module, name)
    found = parametrization(value)
    check_kept(found, value, "the `unsafe` flag", (f"module.{name}.", f"parametrization(module.{name})."))
    if not hasattr(parametrization, "right_inverse"):
        return
    try:
        back = cast(Any, parametrization).right_inverse(found)
    except NotImplementedError:
        return
    if not isinstance(back, Tensor):
        raise ArgumentError(f"parametrization.right_inverse must return a tensor. Got: {type(back).__name__}")
    for what, one, two in differences(value, back):
        raise ArgumentError(
            f"The tensor returned by parametrization.right_inverse must have the same {what} as module.{name}, "
            f"unless the `unsafe` flag is enabled.\nmodule.{name}.{what}: {one}\nreturned {what}: {two}"
        )
