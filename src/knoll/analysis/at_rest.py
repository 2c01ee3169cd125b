"""Networks that are looked at stay as they are."""

from __future__ import annotations

import copy

from knoll.nn import Module
from knoll.nn.uninitialized import Uninitialized


def at_rest(module: Module) -> Module:
    """The network, or a copy of one with lazy layers, since these become others when they meet an input.

    >>> from knoll import nn
    >>> net = nn.LazyLinear(3)
    >>> at_rest(net) is net
    False
    """
    tensors = (*module.parameters(), *module.buffers())
    return copy.deepcopy(module) if any(isinstance(each, Uninitialized) for each in tensors) else module
