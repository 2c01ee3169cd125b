"""What to try where a module is wanted and something else came, or where a layer is made of what it should be given."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor

# Arguments of layers that are tensors, or hold some.
_TENSORS = frozenset({"weight", "pos_weight", "modules", "parameters", "values"})


def is_stock(kind: type) -> bool:
    """Whether a class is one of Knoll's own layers."""
    return kind.__module__.startswith("knoll.nn.")


def for_no_module(base: type, value: Any) -> str | None:
    """How `value`, which came for a module, becomes one."""
    if isinstance(value, type):
        return _object_of(value) if issubclass(value, base) else None
    if isinstance(value, (list, tuple)) and value and all(isinstance(part, base) for part in value):
        return say("nn.unpack_list")
    if isinstance(value, Mapping) and value and all(isinstance(part, base) for part in value.values()):
        return say("nn.ordered_dict")
    if isinstance(value, (Tensor, np.ndarray)):
        return say("nn.call_sequence")
    if callable(value):
        name = next((kind.__name__ for kind in _layers(base) if _is_layer_of(kind, value)), None)
        return say("nn.layer_of_function", name=name) if name else say("nn.function_in_forward")
    return None


def _object_of(kind: type) -> str:
    needed = [p for p in _parameters(kind) if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    return say("nn.object_with_arguments" if needed else "nn.object_of_class", name=kind.__name__)


def _parameters(kind: type) -> list[inspect.Parameter]:
    return list(inspect.signature(kind.__init__).parameters.values())[1:]  # type: ignore[misc]  # of this very class


def _layers(base: type) -> Iterator[type]:
    kind: type
    for kind in base.__subclasses__():
        if is_stock(kind):
            yield kind
            yield from _layers(kind)


def _is_layer_of(kind: type, function: Any) -> bool:
    name = str(getattr(function, "__name__", "")).replace("_", "")
    return kind.__name__.lower() == name and _object_of(kind).endswith("()")


def refuse_arguments(kind: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> NoReturn:
    """Raise what Python raises for arguments of a function that takes none."""
    start = f"{kind.__name__}.__init__()"
    if kwargs:
        raise ArgumentTypeError(f"{start} got an unexpected keyword argument '{next(iter(kwargs))}'")
    raise ArgumentTypeError(f"{start} takes 1 positional argument but {len(args) + 1} were given")


def refuse_data(kind: type, args: tuple[Any, ...], loss: bool) -> None:
    """Refuse a layer that is made of data, as nn.ReLU(x), unless the argument in that place may be a tensor."""
    parameters = _parameters(kind)
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters) and "__init__" in vars(kind):
        return
    for place, value in enumerate(args):
        name = names[place] if place < len(names) else ""
        if name not in _TENSORS and _is_data(value):
            advice = say("nn.loss_to_call" if loss else "nn.data_to_call", name=kind.__name__)
            raise ArgumentTypeError(say("nn.data_came", name=kind.__name__, got=type(value).__name__), advice=advice)


def _is_data(value: Any) -> bool:
    """Whether it is a tensor or an array that no option can be: sizes may come as a row of whole numbers."""
    if not isinstance(value, (Tensor, np.ndarray)):
        return False
    return len(value.shape) > 1 or (len(value.shape) == 1 and value.dtype.kind == "f")
