"""The arguments that a layer was made with, and the same layer with others in their place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from knoll.analysis.transformer_arguments import MADE_OF_OTHERS, argument_of
from knoll.nn import Module
from knoll.nn.init.skip import skip_init

_MERGED = frozenset({"size_average", "reduce", "min_value", "max_value"})  # older names, which `reduction` … stand for
_KEPT_AS = {"p": "norm"}  # an attribute that has another name than the argument
_SINGLE = ("kernel_size", "stride", "padding", "dilation", "output_padding")  # along one axis a tuple of one
_STANDS_FOR = {"bias": ("bias", "in_proj_bias"), "add_bias_kv": ("bias_k",)}  # a parameter that is there if so

FOLLOWS = {"stride": "kernel_size", "kdim": "embed_dim", "vdim": "embed_dim"}  # where None: they are as large


def signature(kind: type[Any]) -> Mapping[str, inspect.Parameter]:
    """The public arguments that a class, as one of layers, takes, without those that any number may be given of."""
    return _named(kind.__init__)


@cache
def _named(constructor: Callable[..., None]) -> Mapping[str, inspect.Parameter]:
    parameters = inspect.signature(constructor).parameters
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    public = ((name, each) for name, each in list(parameters.items())[1:] if name[0] != "_")
    return MappingProxyType({name: each for name, each in public if each.kind in named})


def arguments_of(layer: Module, kind: type[Module] | None = None) -> dict[str, Any]:
    """The arguments that make this layer again, but for the device; or one of `kind`, which it is derived from.

    Pairs of equal numbers are one number, as they are written.

    >>> from knoll import nn
    >>> from knoll.analysis import arguments_of
    >>> arguments_of(nn.MaxPool2d(2, ceil_mode=True))
    {'kernel_size': 2, 'stride': 2, 'padding': 0, 'dilation': 1, 'return_indices': False, 'ceil_mode': True}
    """
    made = kind or type(layer)
    names = (name for name in signature(made) if name not in _MERGED and name != "device")
    return {name: _argument(layer, name, signature(made)[name].default) for name in names}


def layer_kind(kind: type[Module]) -> type[Module]:
    """The class of Knoll that a class of layers is, or is derived from."""
    return next(each for each in kind.__mro__ if each.__module__.startswith("knoll.nn"))


def variant(layer: Module, kind: type[Module] | None = None, /, **changes: object) -> Module:
    """The same layer with some arguments changed; its parameters have shapes and no numbers yet.

    An argument that is left to follow another one follows it. It is made as one of `kind`, which it is derived from, if
    that is given. Raises what the constructor raises. No random number is drawn.

    >>> from knoll import nn
    >>> from knoll.analysis import variant
    >>> variant(nn.MaxPool2d(2), kernel_size=3)
    MaxPool2d(kernel_size=3, stride=3, padding=0, dilation=1, ceil_mode=False)
    """
    made = kind or type(layer)
    arguments = arguments_of(layer, kind)
    left = {name: None for name in FOLLOWS.keys() & arguments.keys() if follows(name, arguments, made)}
    with skip_init(constants=True):
        return made(**{**arguments, **left, **changes})


def follows(name: str, arguments: Mapping[str, Any], kind: type[Module]) -> bool:
    """Whether an argument is as large as the one that it follows where it is not given."""
    other = FOLLOWS.get(name)
    return other is not None and signature(kind)[name].default is None and bool(arguments[name] == arguments[other])


def _argument(layer: Module, name: str, default: Any) -> Any:
    if name == "dtype":
        tensors = (each for each in (*layer.parameters(), *layer.buffers()) if each.is_floating_point())
        return next((each.dtype.name for each in tensors), None)
    if isinstance(layer, MADE_OF_OTHERS):
        return argument_of(layer, name, default)
    value = getattr(layer, name, getattr(layer, _KEPT_AS.get(name, name), default))
    if name == "bias" and not getattr(layer, "affine", True):  # a batch normalisation without weight and bias
        return default
    if name in _STANDS_FOR and not isinstance(getattr(layer, name, None), bool):
        return any(getattr(layer, parameter, None) is not None for parameter in _STANDS_FOR[name])
    if isinstance(value, tuple) and len(value) == 1 and name in _SINGLE:
        return value[0]
    if name == "unflattened_size":  # one axis for each number
        return value
    if isinstance(value, tuple) and len(value) > 1 and len(set(value)) == 1 and not isinstance(value[0], tuple):
        return value[0]
    return value
