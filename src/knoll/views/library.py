"""Whether a call of a module runs code of the library alone, so that what shows the module may call it."""

from __future__ import annotations

from knoll.nn import Module
from knoll.nn.hooked_calls import has_hooks

LIBRARY = "knoll."


def is_ours(thing: object) -> bool:
    """Whether the class of an object is the library's own, not one derived from it."""
    return type(thing).__module__.startswith(LIBRARY)


def runs_only_ours(module: Module) -> bool:
    """Whether `forward` of a module, and of all below it, is the library's, with no hook around it.

    >>> from knoll import nn
    >>> layer = nn.ReLU()
    >>> runs_only_ours(layer)
    True
    >>> _ = layer.register_forward_hook(lambda *_: print("called"))
    >>> runs_only_ours(layer)
    False
    """
    return all(is_ours(each) and not has_hooks(each) and "forward" not in vars(each) for each in module.modules())
