"""Tensor: an array with a gradient."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, Op, Shape, Value
from knoll.messages import say
from knoll.ops import elementwise
from knoll.tensor.backward import Origin, backward
from knoll.tensor.record import apply

if TYPE_CHECKING:
    from knoll.tensor.record import Recorder

_serials = itertools.count()


class Tensor:
    """An array with a gradient, as `torch.Tensor`.

    Inside a module call it may be pending: it has a shape, and its numbers are computed when the call ends or when
    somebody asks for them.

    >>> x = Tensor(np.arange(3.0), requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([0., 2., 4.], dtype=float64)
    """

    __slots__ = (
        "__weakref__", "_array", "_origin", "_recorder", "_requires_grad", "_retains", "_serial", "_shared", "_value",
        "_version", "grad",
    )  # fmt: skip

    def __init__(self, data: Any, requires_grad: bool = False) -> None:
        self._array: Array | None = np.asarray(data)
        self._value: Value | None = None
        self._recorder: Recorder | None = None
        self._origin: Origin | None = None
        self._requires_grad = requires_grad
        self._retains = False
        self._serial = next(_serials)
        self._version = 0
        self._shared = False
        self.grad: Tensor | None = None

    @classmethod
    def _pending(cls, recorder: Recorder, value: Value, requires_grad: bool) -> Tensor:
        tensor = cls.__new__(cls)
        Tensor.__init__(tensor, (), requires_grad)
        tensor._array, tensor._value, tensor._recorder = None, value, recorder
        return tensor

    def _settle(self, array: Array, origin: Origin | None) -> None:
        """Take the numbers that were waited for."""
        self._array, self._origin, self._value, self._recorder = array, origin, None, None

    def _numbers(self) -> Array:
        """The array, computed now if it is pending."""
        if self._array is None:
            assert self._recorder is not None
            self._recorder.finish()
            assert self._array is not None
        return self._array

    def _stamp(self) -> object:
        """Equal as long as the numbers have not changed; None if that cannot be known."""
        return None if self._shared else (self._serial, self._version)

    def _apply(self, op: Op, *others: Tensor, **attributes: Hashable) -> Tensor:
        return apply(op, self, *others, **attributes)[0]

    @property
    def shape(self) -> Shape:
        """The size of each axis."""
        return self._value.spec.shape if self._value is not None else self._numbers().shape

    @property
    def requires_grad(self) -> bool:
        """Whether backward reaches this tensor."""
        return self._requires_grad

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by a person and not by an operation."""
        return self._origin is None and self._value is None

    def backward(self, gradient: Tensor | None = None, retain_graph: bool = False) -> None:
        """Add the gradient of this tensor to the `grad` of every leaf it was computed from."""
        array = self._numbers()
        if not self._requires_grad:
            raise StateError(
                "element 0 of tensors does not require grad and does not have a grad_fn", advice=say("tensor.no_gradient")
            )
        if gradient is None and array.size != 1:
            raise StateError(
                "grad can be implicitly created only for scalar outputs", advice=say("tensor.scalar", shape=self.shape)
            )
        backward(self, np.ones_like(array) if gradient is None else gradient._numbers(), retain_graph)

    def _operand(self, other: Any) -> Tensor:
        if isinstance(other, Tensor):
            return other
        dtype = self._dtype if not isinstance(other, float) or self._dtype.kind == "f" else np.dtype(np.float32)
        return Tensor(np.asarray(other, dtype if np.ndim(other) == 0 else None))

    @property
    def _dtype(self) -> np.dtype[Any]:
        return self._value.spec.dtype if self._value is not None else self._numbers().dtype

    def __add__(self, other: Any) -> Tensor:
        return self._apply(elementwise.add, self._operand(other))

    def __mul__(self, other: Any) -> Tensor:
        return self._apply(elementwise.multiply, self._operand(other))
