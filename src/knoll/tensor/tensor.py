"""Tensor: an array with a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from weakref import ref

import numpy as np

from knoll.errors import ArgumentTypeError
from knoll.graph import Array, Shape, Value
from knoll.graph.spec import DType
from knoll.run import Identity, Stamp
from knoll.tensor import alias, conversion, display, gradients, legacy, shaping
from knoll.tensor.device import CPU, device
from knoll.tensor.gradient_edge import GradientEdge
from knoll.tensor.memory import Memory
from knoll.tensor.methods import Methods

if TYPE_CHECKING:
    from knoll.tensor.alias import View
    from knoll.tensor.record import Recorder


class Tensor(Methods):
    """An array with a gradient, as `torch.Tensor`.

    Inside a module call it may be pending: it has a shape, and its numbers are computed when the call ends or when
    somebody asks for them. `Tensor(2, 3)` is one of that size; `Tensor(data)` has the numbers of lists and arrays as
    float32, and is an alias of a tensor. `knoll.tensor` keeps element types, and copies.
    Raises ArgumentTypeError, StateError. Source: https://pytorch.org/docs/stable/tensors.html

    >>> x = Tensor([0, 1, 2]).requires_grad_()
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([0., 2., 4.])
    >>> Tensor(2, 3).shape
    (2, 3)
    """

    _is_lasting = False  # whether it is a parameter or a buffer of a module, which outlives calls
    __slots__ = (
        "__weakref__", "_array", "_edge", "_grad", "_hooks", "_identity", "_memory", "_recorder", "_requires_grad",
        "_room", "_value", "_view",
    )  # fmt: skip

    _array: Array | None
    _hooks: dict[int, Callable[[Tensor], Any]] | None  # of a leaf; those of a result are kept where it was made
    _identity: Identity | None
    _memory: Memory
    _edge: GradientEdge | None
    _recorder: Recorder | None
    _requires_grad: bool
    _room: Array | None  # where numbers that are waited for will be written
    _value: Value | None
    _view: View | None
    _grad: Tensor | None

    def __init__(self, *data: Any) -> None:
        self._hold(legacy.numbers_of(data))

    def _hold(self, data: Any) -> None:
        """Begin with the numbers of `data`: an alias of a tensor, an array as it is, lists as float32."""
        if isinstance(data, Tensor):
            self._begin(data._realize(), data._memory, False)
            alias.apart_of(data, self)
            return
        from knoll.tensor.creation import numbers  # creation makes tensors

        if not (isinstance(data, np.ndarray) and data.dtype.isnative and data.dtype.kind in "fiub"):
            data = numbers(data, None if isinstance(data, (np.ndarray, np.generic)) else np.dtype(np.float32))
        self._begin(data, Memory(), False)

    @staticmethod
    def _holding(data: Any) -> Tensor:
        """A tensor with the numbers of `data`, as `_hold` takes them."""
        tensor = Tensor.__new__(Tensor)
        tensor._hold(data)
        return tensor

    def _begin(self, array: Array | None, memory: Memory, requires_grad: bool) -> None:
        self._array = array
        self._memory = memory
        self._requires_grad = requires_grad
        self._hooks = self._identity = self._edge = self._recorder = self._room = self._value = None
        self._view = self._grad = None

    @staticmethod
    def _over(array: Array, memory: Memory | None = None) -> Tensor:
        """A tensor that is a leaf over `array`."""
        tensor = Tensor.__new__(Tensor)
        tensor._begin(array, Memory() if memory is None else memory, False)
        return tensor

    @staticmethod
    def _pending(recorder: Recorder, value: Value, requires_grad: bool) -> Tensor:
        """A tensor whose numbers will be computed by `recorder`."""
        tensor = Tensor.__new__(Tensor)
        tensor._begin(None, Memory(), requires_grad)
        tensor._value, tensor._recorder = value, recorder
        return tensor

    def _fulfil(self, array: Array, edge: GradientEdge | None) -> None:
        """Take the numbers that were waited for."""
        if self._room is not None:
            np.copyto(self._room, array)
            array, self._room = self._room, None
            self._memory.version += 1
        self._array, self._edge, self._value, self._recorder = array, edge, None, None

    def _lie_in(self, array: Array, memory: Memory) -> None:
        """Have the numbers of `array`, which others have too."""
        self._array, self._memory, self._identity = array, memory, None
        self._value = self._recorder = None

    def _twin(self) -> Tensor:
        """Another tensor that is all that this one is now."""
        twin = Tensor.__new__(Tensor)
        twin._begin(self._array, self._memory, self._requires_grad)
        twin._value, twin._recorder, twin._edge = self._value, self._recorder, self._edge
        return twin

    def _alias(self) -> Tensor:
        """What this tensor is now, to compute with while it changes: numbers that others may overwrite are copied."""
        alias = self._twin()
        if self._recorder is not None:
            self._recorder.add_pending(alias)
        elif self._memory.shared:
            alias._array, alias._memory = self._realize().copy(), Memory()
        return alias

    def _take(self, other: Tensor) -> None:
        """Be what another tensor is now."""
        self._array, self._memory, self._edge = other._array, other._memory, other._edge
        self._value, self._recorder, self._requires_grad = other._value, other._recorder, other._requires_grad
        self._room = self._identity = None

    def _rebind(self, result: Tensor, home: bool) -> None:
        """Take the place of a result; its numbers go where those of this tensor lie, if `home` or others look there."""
        room, memory = self._room if self._value is not None else self._array, self._memory
        stays = home or memory.shared or self._room is not None
        self._take(result)
        if not stays or room is None:
            return
        self._memory = memory
        if self._value is not None:
            self._room = room
            return
        np.copyto(room, result._realize())
        self._array = room
        memory.version += 1

    def _realize(self) -> Array:
        """The array, computed now if it is pending."""
        if self._view is not None:
            self._view.refresh(self)
        if self._recorder is not None:
            self._recorder.finish()
        return cast(Array, self._array)

    def _stamp(self) -> Stamp:
        """Equal as long as the numbers have not changed; without a version if that cannot be known."""
        if self._identity is None:
            self._identity = Identity(self._is_lasting)
        return ref(self._identity), None if self._memory.shared else self._memory.version

    # What is known without the numbers

    @property
    def _dtype(self) -> DType:
        return self._value.spec.dtype if self._value is not None else self._realize().dtype

    @property
    def _version(self) -> int:
        """How often the numbers were changed in place."""
        return self._memory.version

    @_version.setter
    def _version(self, version: int) -> None:
        self._memory.version = version

    @property
    def _shared(self) -> bool:
        """Whether the numbers can be changed unseen, through an array."""
        return self._memory.shared

    @property
    def shape(self) -> Shape:
        """The size of each axis."""
        return self._value.spec.shape if self._value is not None else self._realize().shape

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self._dtype

    @property
    def device(self) -> device:
        """Where the numbers lie: on the processor."""
        return CPU

    @property
    def is_cuda(self) -> bool:
        """Whether the numbers lie on a graphics card: they do not."""
        return False

    @property
    def ndim(self) -> int:
        """How many axes."""
        return len(self.shape)

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self._dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.numel() * self.itemsize

    # Gradients

    @property
    def requires_grad(self) -> bool:
        """Whether backward reaches this tensor."""
        if self._view is not None:
            self._view.refresh(self)
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        gradients.require(self, wanted)

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has left here; may be set to another of the same shape and element type."""
        return self._grad

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        gradients.check_gradient(self, gradient)
        self._grad = gradient

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by a person, or no gradient flows through it."""
        return not self.requires_grad or (self._edge is None and self._value is None)

    @property
    def retains_grad(self) -> bool:
        """Whether backward leaves the gradient of this result in `grad`."""
        kept = self._edge.node.retained.get(self._edge.index) if self._edge is not None else None
        return kept is not None and kept() is self

    @property
    def data(self) -> Tensor:
        """The same numbers, in the same memory, without gradient; may be set to other numbers."""
        return gradients.detach(self)

    @data.setter
    def data(self, other: Tensor) -> None:
        if not isinstance(other, Tensor):
            raise ArgumentTypeError(f"Variable data has to be a tensor, but got {type(other).__name__}")
        self._realize()
        self._lie_in(other._realize(), other._memory)
        alias.apart_of(other, self)

    # Python's own protocols

    def __repr__(self) -> str:
        return display.text(self)

    def __format__(self, spec: str) -> str:
        return conversion.formatted(self, spec)

    def __len__(self) -> int:
        if not self.shape:
            raise ArgumentTypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __float__(self) -> float:
        return float(conversion.scalar(self))

    def __int__(self) -> int:
        return int(conversion.scalar(self))

    def __hash__(self) -> int:
        return id(self)

    @property
    def T(self) -> Tensor:  # noqa: N802 (as in PyTorch)
        """The axes in reverse order."""
        return shaping.permute(self, tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:  # noqa: N802 (as in PyTorch)
        """The last two axes in each other's place."""
        return shaping.transpose(self, -2, -1)
