"""A network that is only looked at is afterwards what it was before, whatever its `forward` changes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from knoll.nn import Module
from knoll.nn.uninitialized import is_lazy
from knoll.tensor.base import TensorBase

_STATE = tuple(slot for slot in TensorBase.__slots__ if slot != "__weakref__")
_CONTAINERS = (dict, list, set)


def copy_if_lazy(module: Module) -> Module:
    """The network, or a copy of one with lazy layers, since these become others when they meet an input.

    >>> from knoll import nn
    >>> net = nn.LazyLinear(3)
    >>> copy_if_lazy(net) is net
    False
    """
    return copy.deepcopy(module) if any(map(is_lazy, (*module.parameters(), *module.buffers()))) else module


@contextmanager
def unchanged(module: Module) -> Iterator[None]:
    """Give attributes, parameters and buffers back what they were; numbers written in place are not its concern.

    Sizes that were left open stay settled: the first pass settles them for good.

    >>> from knoll import nn
    >>> net = nn.ReLU()
    >>> with unchanged(net):
    ...     net.calls = 1
    >>> hasattr(net, "calls")
    False
    """
    tensors = [*module.parameters(), *module.buffers()]
    if any(is_lazy(each) for each in tensors):
        yield
        return
    before = [(each, [getattr(each, name) for name in _STATE]) for each in tensors]
    owners = [(each, dict(vars(each)), list(_contents(each))) for each in module.modules()]
    try:
        yield
    finally:
        for owner, attributes, contents in owners:
            vars(owner).clear()
            vars(owner).update(attributes)
            for container, copied in contents:
                _refill(container, copied)
        for tensor, state in before:
            changed = tensor._memory
            for name, value in zip(_STATE, state, strict=True):
                setattr(tensor, name, value)
            changed.note_rebinding()


def _contents(owner: Module) -> Iterator[tuple[Any, Any]]:
    """The lists, dicts and sets among the attributes of a module, each with a copy."""
    for value in vars(owner).values():
        if isinstance(value, _CONTAINERS):
            yield value, copy.copy(value)


def _refill(container: Any, copied: Any) -> None:
    container.clear()
    if isinstance(container, list):
        container.extend(copied)
    else:
        container.update(copied)


def tensors_kept(module: Module, depth: int = 3) -> Iterator[TensorBase]:
    """The tensors in the attributes of a network, and in lists and dicts there."""
    waiting = [(value, depth) for each in module.modules() for value in vars(each).values()]
    while waiting:
        value, left = waiting.pop()
        if isinstance(value, TensorBase):
            yield value
        elif left and isinstance(value, (dict, list, tuple, set)):
            inner = value.values() if isinstance(value, dict) else value
            waiting += [(each, left - 1) for each in inner]
