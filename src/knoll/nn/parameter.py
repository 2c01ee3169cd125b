"""Tensors that a module owns: parameters, which are learned, and buffers, which are only remembered."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.graph import Shape
from knoll.graph.memory_limit import empty
from knoll.graph.spec import DType
from knoll.tensor import Tensor
from knoll.tensor.arguments import truth
from knoll.tensor.dtypes import check_differentiable
from knoll.tensor.storage.memory import Memory

__all__ = ["Buffer", "Parameter"]


class Parameter(Tensor):
    """Parameter: a tensor that a module learns, as `torch.nn.Parameter`.

    With `requires_grad` False it is frozen.

    Assigned to an attribute of a module, it appears in `module.parameters()`. It shares the memory of a tensor `data`;
    an array is copied, so that no change of it can go unnoticed by packed weights.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html

    >>> from knoll import nn
    >>> nn.Parameter([1.0, 2.0]).requires_grad
    True
    """

    __slots__ = ()
    _is_parameter = True

    def __init__(self, data: Any = (), requires_grad: bool = True) -> None:
        self._hold(_copied(data))
        if truth(requires_grad, "Tensor", "requires_grad"):
            check_differentiable(self._dtype, new=True)
            self.requires_grad = True

    @classmethod
    def _empty(cls, shape: Shape | int, dtype: DType) -> Parameter:
        """A parameter whose numbers are still to be set. Raises OutOfMemoryError, DTypeError."""
        check_differentiable(dtype, new=True)
        parameter = cls.__new__(cls)
        parameter._begin(empty(shape, dtype), Memory(), True)
        return parameter

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        """A copy without the gradient, as in PyTorch."""
        copied = memo[id(self)] = type(self)(self._realize(), self.requires_grad)
        return copied


class Buffer(Tensor):
    """Buffer: the tensor `data`, which a module saves and does not learn, as `torch.nn.Buffer`.

    A buffer that is not `persistent` stays out of the state dict.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.parameter.Buffer.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Module()
    >>> layer.mean = nn.Buffer(knoll.zeros(3))
    >>> list(layer.state_dict()), list(layer.parameters())
    (['mean'], [])
    """

    __slots__ = ("persistent",)
    _is_parameter = True
    persistent: bool

    def __init__(self, data: Any = (), persistent: bool = True) -> None:
        self._hold(_copied(data))
        self.persistent = persistent


def _copied(data: Any) -> Any:
    """A contiguous copy of an array; a tensor as it is."""
    return np.array(data, order="C") if isinstance(data, np.ndarray) else data
