"""The tensors of modules as they were, put back where something that was to change them fails."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.nn.module_base import AnyModule
from knoll.nn.uninitialized import Uninitialized, is_lazy
from knoll.tensor import no_grad


class Snapshot:
    """The tensors of a module and of all below it as they were, so that a load that fails leaves no trace."""

    def __init__(self, root: AnyModule) -> None:
        self._modules = list(_tree(root, set()))
        self._held = [(dict(module._parameters), dict(module._buffers)) for module in self._modules]
        tensors = {id(t): t for held in self._held for group in held for t in group.values() if t is not None}
        self._numbers = [(t, type(t), None if is_lazy(t) else t._realize().copy()) for t in tensors.values()]

    def restore(self) -> None:
        """Put the tensors back in their places, and their numbers into them."""
        for module, (parameters, buffers) in zip(self._modules, self._held, strict=True):
            module._parameters.clear()
            module._parameters.update(parameters)
            module._buffers.clear()
            module._buffers.update(buffers)
        for tensor, kind, numbers in self._numbers:
            if issubclass(kind, Uninitialized):
                kind._forget(tensor)
            elif numbers is not None and not np.array_equal(tensor._realize(), numbers, equal_nan=True):
                with no_grad():
                    tensor.copy_(numbers)


def _tree(module: AnyModule, seen: set[int]) -> Iterator[AnyModule]:
    if id(module) not in seen:
        seen.add(id(module))
        yield module
        for child in module._modules.values():
            if child is not None:
                yield from _tree(child, seen)
