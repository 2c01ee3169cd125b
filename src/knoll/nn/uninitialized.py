"""Parameters and buffers whose shape is not known yet."""

from __future__ import annotations

from typing import Any, Self, SupportsIndex, cast

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentError, StateError
from knoll.graph import Array, Shape
from knoll.graph.memory_limit import check
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.nn.convert import parameter_dtype
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor
from knoll.tensor.device import Device
from knoll.tensor.storage.memory import Memory

__all__ = ["UninitializedBuffer", "UninitializedParameter"]


class Uninitialized(Tensor):
    """A tensor that has an element type and neither shape nor numbers, until `materialize` gives it both.

    What asks for them is refused: StateError, ArgumentError.
    """

    __slots__ = ()

    def __init__(self, requires_grad: bool, device: Device, dtype: DTypeLike | None) -> None:
        self._await(parameter_dtype(device, dtype), requires_grad)

    def _await(self, dtype: DType, requires_grad: bool) -> None:
        """Have no array: what stands for its numbers to come has their element type."""
        self._begin(None, Memory(), requires_grad)
        self._destination = np.empty(0, dtype)

    def materialize(self, shape: Any, device: Device = None, dtype: DTypeLike | None = None) -> None:
        """Become an ordinary tensor of this shape."""
        numbers = self._dtype if dtype is None else parameter_dtype(device, dtype)
        self.__class__ = self._becomes()  # type: ignore[assignment]  # a class of the same slots
        check(shape, numbers)
        self._begin(np.zeros(shape, numbers), Memory(), self._requires_grad)

    @classmethod
    def _forget(cls, tensor: Tensor) -> None:
        """Let a tensor be one of this class again, as before it was materialised."""
        dtype, requires_grad = tensor._dtype, tensor._requires_grad
        tensor.__class__ = cls
        cast(Uninitialized, tensor)._await(dtype, requires_grad)

    def _becomes(self) -> type[Tensor]:
        raise NotImplementedError

    def _realize(self) -> Array:
        raise ArgumentError(
            "Attempted to use an uninitialized parameter in a computation. This error happens when you are using a "
            f"`LazyModule` or explicitly manipulating `torch.nn.parameter.{type(self).__name__}` objects. When using "
            "LazyModules Call `forward` with a dummy batch to initialize the parameters before calling torch functions",
            advice=say("nn.dummy_batch"),
        )

    @property
    def shape(self) -> Shape:
        """Refused: there is none yet."""
        raise StateError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` "
            "to initialize the parameters before accessing their attributes.",
            advice=say("nn.dummy_batch"),
        )

    @property
    def data(self) -> Tensor:
        """No numbers, of the element type that they will have; may be set to change it."""
        return Tensor._over(np.empty(0, self._dtype))

    @data.setter
    def data(self, other: Tensor) -> None:
        self._await(other.dtype, self._requires_grad)

    @property
    def _dtype(self) -> DType:
        return np.dtype(cast(Array, self._destination).dtype)

    @property
    def requires_grad(self) -> bool:
        """Whether backward will reach this tensor."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self._requires_grad = bool(requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let backward reach this tensor once it has numbers, or not."""
        self.requires_grad = requires_grad
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> Uninitialized:
        copied = memo[id(self)] = type(self)(self._requires_grad, None, self._dtype)
        return copied

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return type(self), (self._requires_grad, None, self._dtype)


class UninitializedParameter(Uninitialized, Parameter):  # type: ignore[misc]  # its copy is not initialized either
    """A parameter whose shape is not known yet, as `torch.nn.parameter.UninitializedParameter`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedParameter.html

    >>> from knoll import nn
    >>> parameter = nn.UninitializedParameter()
    >>> parameter
    <UninitializedParameter>
    >>> parameter.materialize((2, 3))
    >>> type(parameter).__name__, parameter.shape
    ('Parameter', (2, 3))
    """

    __slots__ = ()

    def __init__(self, requires_grad: bool = True, device: Device = None, dtype: DTypeLike | None = None) -> None:
        super().__init__(requires_grad, device, dtype)

    def _becomes(self) -> type[Tensor]:
        return Parameter


class UninitializedBuffer(Uninitialized):
    """A buffer whose shape is not known yet, as `torch.nn.parameter.UninitializedBuffer`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedBuffer.html

    >>> from knoll import nn
    >>> buffer = nn.UninitializedBuffer()
    >>> buffer.materialize((2,))
    >>> buffer.shape
    (2,)
    """

    __slots__ = ()

    def __init__(self, requires_grad: bool = False, device: Device = None, dtype: DTypeLike | None = None) -> None:
        super().__init__(requires_grad, device, dtype)

    def _becomes(self) -> type[Tensor]:
        return Tensor


def is_lazy(value: Any) -> bool:
    """Whether it is a parameter or a buffer that has no shape yet."""
    return isinstance(value, Uninitialized)
