"""A module called with other tensors in the places of its own, as `torch.func.functional_call`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError, MissingAttributeError, StateError
from knoll.nn.module import Module
from knoll.nn.utils.checks import module as checked_module
from knoll.tensor import Tensor

__all__ = ["functional_call"]

Tensors = Mapping[str, Tensor]
_ABSENT = object()


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Tensors | Sequence[Tensors],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """What a module gives when these tensors, by the names of its parameters and buffers, stand in their places.

    So do tensors that are other attributes, or that the module lacks, as a bias. Gradients flow to them, and the module
    keeps its own. Parameters that are one and the same are replaced together with `tie_weights`. With `strict` the
    names must be those of all parameters and buffers. Raises ArgumentError, ArgumentTypeError, MissingAttributeError,
    StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.functional_call.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Linear(2, 1)
    >>> others = {"weight": knoll.tensor([[1.0, 10.0]]), "bias": knoll.tensor([0.5])}
    >>> knoll.func.functional_call(layer, others, (knoll.tensor([2.0, 3.0]),))
    tensor([32.5000])
    """
    inputs = args if isinstance(args, tuple) else () if args is None else (args,)
    with _replaced(checked_module(module), _merged(parameter_and_buffer_dicts), tie_weights, strict):
        return module(*inputs, **(kwargs or {}))


def _merged(given: Any) -> dict[str, Tensor]:
    """The tensors of one dictionary or of several."""
    if isinstance(given, Mapping):
        return dict(given)
    if not isinstance(given, Sequence) or not all(isinstance(each, Mapping) for each in given):
        raise ArgumentError(
            f"Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got {type(given)}"
        )
    names = [name for each in given for name in each]
    several = sorted({name for name in names if names.count(name) > 1})
    if several:
        raise ArgumentError(f"{several} appeared in multiple dictionaries; behavior of functional call is ambiguous")
    return {name: tensor for each in given for name, tensor in each.items()}


@contextmanager
def _replaced(module: Module, tensors: Tensors, tie_weights: bool, strict: bool) -> Iterator[None]:
    """Within the block the tensors stand in the places of these names."""
    places = {
        f"{prefix}.{name}" if prefix else name: (held, name)
        for prefix, inner in module.named_modules(remove_duplicate=False)
        for held in _held(inner)
        for name, own in held.items()
        if own is not None
    }
    _check_names(module, tensors, places, strict)
    places |= {full: _place(module, full) for full in tensors if full not in places}
    owned = {full: held.get(name, _ABSENT) for full, (held, name) in places.items()}
    new = {id(own): tensors[full] for full, own in owned.items() if full in tensors and isinstance(own, Tensor)}
    changed = {
        full: tensors.get(full, new.get(id(own)))
        for full, own in owned.items()
        if full in tensors or (tie_weights and id(own) in new)
    }
    try:
        for full, tensor in changed.items():
            held, name = places[full]
            held[name] = tensor
        yield
    finally:
        for full in changed:
            held, name = places[full]
            if owned[full] is _ABSENT:
                del held[name]
            else:
                held[name] = owned[full]


def _place(module: Module, full: str) -> tuple[dict[str, Any], str]:
    """Where a tensor lies that is no parameter and no buffer, or will lie: absent biases, attributes, new ones."""
    *path, name = full.split(".")
    for place, step in enumerate(path, 1):
        if not hasattr(module, step):
            raise MissingAttributeError(f"{type(module).__name__} has no attribute `{step}`")
        module = getattr(module, step)
        if not isinstance(module, Module):
            raise ArgumentTypeError(
                f"submodule `{'.'.join(path[:place])}`: {module} is not an instance of torch.nn.Module"
            )
    for held in _held(module):
        if name in held:
            return held, name
    own = getattr(module, name, _ABSENT)
    if own is not _ABSENT and not isinstance(own, Tensor):
        raise ArgumentTypeError(f"attribute `{name}`: {own} is not an instance of torch.Tensor")
    return vars(module), name


def _held(module: Module) -> tuple[dict[str, Any], dict[str, Any]]:
    return module._parameters, module._buffers


def _check_names(module: Module, tensors: Tensors, places: Mapping[str, Any], strict: bool) -> None:
    for tensor in tensors.values():
        if not isinstance(tensor, Tensor):
            raise ArgumentTypeError(f"{tensor} is not an instance of torch.Tensor")
    unknown, missing = sorted(set(tensors) - set(places)), sorted(set(places) - set(tensors))
    if strict and (unknown or missing):
        told = [f"\n\tUnexpected key(s): {', '.join(map(repr, unknown))}."] * bool(unknown)
        told += [f"\n\tMissing key(s): {', '.join(map(repr, missing))}."] * bool(missing)
        raise StateError(f"Error(s) in reparametrizing for {type(module).__name__}:{''.join(told)}")
