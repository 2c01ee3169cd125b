"""Which modules of a network are its layers."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.nn import Module, MultiheadAttention


def is_layer(module: Module) -> bool:
    """Whether a module has no modules of its own; attention reads the weights of its own and does not call it."""
    return isinstance(module, MultiheadAttention) or not any(True for _ in module.children())


def layers_in(network: Module) -> Iterator[tuple[str, Module]]:
    """The layers of a network with their names, each once, in the order in which they were assigned.

    >>> from knoll import nn
    >>> net = nn.Sequential(nn.MultiheadAttention(4, 2), nn.Sequential(nn.Flatten()))
    >>> [(name, type(layer).__name__) for name, layer in layers_in(net)]
    [('0', 'MultiheadAttention'), ('1.0', 'Flatten')]
    """
    inside = ""
    for each, module in network.named_modules():
        if inside and each.startswith(inside):
            continue
        if is_layer(module):
            yield each, module
            inside = f"{each}."
