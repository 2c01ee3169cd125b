"""A layer as one would type it."""

from __future__ import annotations

from typing import Any

from knoll.analysis.arguments import FOLLOWS, arguments_of, signature
from knoll.nn import Module
from knoll.tensor import Tensor


def written(layer: Module) -> str:
    """A layer as one would type it, without the arguments that have their default; its repr where they cannot be told.

    >>> from knoll import nn
    >>> from knoll.analysis import written
    >>> written(nn.Conv2d(3, 32, 5, padding=2)), written(nn.MaxPool2d(2)), written(nn.Linear(4, 2, bias=False))
    ('Conv2d(3, 32, 5, padding=2)', 'MaxPool2d(2)', 'Linear(4, 2, bias=False)')
    >>> written(nn.LPPool2d(2, 3))
    'LPPool2d(2, 3)'
    """
    words = []
    arguments = arguments_of(layer)
    for name, value in arguments.items():
        parameter = signature(type(layer))[name]
        if parameter.default is not parameter.empty:
            if not is_default(name, value, arguments, parameter.default):
                words.append(f"{name}={_typed(value)}")
        elif value is parameter.empty:
            return repr(layer)
        else:
            words.append(f"{name}={_typed(value)}" if parameter.kind is parameter.KEYWORD_ONLY else _typed(value))
    return f"{type(layer).__name__}({', '.join(words)})"


def _typed(value: Any) -> str:
    if isinstance(value, Module):
        return written(value)
    return f"tensor({value.tolist()})" if isinstance(value, Tensor) else repr(value)


def is_default(name: str, value: Any, arguments: dict[str, Any], default: Any) -> bool:
    """Whether an argument has its default: itself, or what the default stands for."""
    if name == "dtype":
        return str(value) in ("None", "float32")
    if name in FOLLOWS and default is None:
        return value is None or bool(value == arguments[FOLLOWS[name]])
    if name == "bias" and not arguments.get("affine", True):
        return True  # there is nothing that a bias could be added to
    return value is None if default is None else bool(value == default)
