"""What a tensor is: numbers or a place in a recording, memory, a gradient, and how it is taken from another.

All functions of this package are written over `TensorBase`, and give results of their operands' type `T`. The class
that people use stands at its end; it says so in `_public`, and results are made of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from time import sleep
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeVar, cast
from weakref import WeakSet, ref

import numpy as np

from knoll.graph import Array, Op, Shape, Value
from knoll.graph.spec import DType
from knoll.run import Identity, Stamp
from knoll.tensor.autograd.gradient_edge import GradientEdge, GradientTarget
from knoll.tensor.device import CPU, device
from knoll.tensor.storage.memory import Memory
from knoll.tensor.storage.strides import StrideRule

T = TypeVar("T", bound="TensorBase")


class Recording(Protocol):
    """A graph in the making, as the tensors see it that wait for it.

    `owner` is the thread that has it open, `is_running` whether that thread computes it now.
    """

    owner: int | None
    is_running: bool

    def add_pending(self, tensor: TensorBase) -> None:
        """Compute this pending tensor too."""

    def settle(self, tensor: TensorBase) -> None:
        """Give a pending tensor its numbers."""

    def before_item(self) -> None:
        """Note that the number of a pending tensor is asked for."""

    def before_change(self, x: TensorBase) -> None:
        """Note that a result of this recording is about to take the place of a tensor."""


class ViewStep(NamedTuple):
    """One step from a base to a view of it, as an operation with its attributes, and on arrays.

    `of_array` gives the view of an array, in the same memory. `inverse` gives the base with a view that was changed, of
    the base as it was and the new view; there is none where several elements of the view are one of the base.
    `strides` are those of the view in elements, of the spec and the strides of the base.
    """

    op: Op
    attributes: dict[str, Hashable]
    of_array: Callable[[Array], Array]
    inverse: Callable[[Any, Any], Any] | None
    strides: StrideRule


ViewSteps = tuple[ViewStep, ...]


class Base:
    """A tensor that others are views of, as it is now; `source` says of which numbers it is another reading.

    `tensor` is the one that people hold, as long as they do: if it is a leaf, gradients of its views go there.
    """

    __slots__ = ("__weakref__", "_tensor", "detached", "materialized", "source", "version", "whole")
    whole: TensorBase
    source: tuple[Base, ViewSteps] | None
    version: int  # how often `whole` was replaced
    materialized: bool

    def __init__(self, tensor: TensorBase, source: tuple[Base, ViewSteps] | None = None) -> None:
        self.whole = whole = tensor._shallow_copy()
        self._tensor = ref(tensor)
        self.source = source
        self.version = 0
        self.materialized = whole._value is None  # whether it has, or had, numbers that others may look at
        self.detached: WeakSet[Base] | None = None  # bases over parts of this one that no gradient flows through
        if source is not None:
            of = source[0]
            of.detached = WeakSet() if of.detached is None else of.detached
            of.detached.add(self)

    def is_held_beside(self, x: TensorBase) -> bool:
        """Whether people hold the tensor, and it is not x; else it was an operand of what they hold."""
        tensor = self._tensor()
        return tensor is not None and tensor is not x

    @property
    def viewed(self) -> TensorBase:
        """What views are taken from: the leaf that people hold, where it is one, with the numbers that it has now."""
        tensor, whole = self._tensor(), self.whole
        if tensor is None or not (tensor._requires_grad and tensor._edge is None and tensor._value is None):
            return whole
        if tensor._view is None or tensor._view.base is not self or tensor._view.steps:
            return whole
        tensor._view.refresh(tensor)
        return tensor

    def follow(self) -> None:
        """Let the tensor that people hold be what it is now, where it keeps its gradient."""
        tensor = self._tensor()
        if tensor is not None and tensor._edge is not None and tensor._edge.is_kept_for(tensor):
            tensor._realize()

    @property
    def root(self) -> Base:
        """The base whose numbers all of these are."""
        base = self
        while base.source is not None:
            base = base.source[0]
        return base

    def tree(self) -> Iterator[Base]:
        """The base and all that are over parts of it, each after the one that it is a part of."""
        yield self
        for base in tuple(self.detached or ()):
            yield from base.tree()


@dataclass(slots=True, eq=False)
class View:
    """How a tensor is taken from its base, and which version of it the tensor has seen."""

    base: Base
    steps: ViewSteps
    version: int

    def refresh(self, x: TensorBase) -> None:
        """Let x, whose view this is, have its part of the base as it is now."""
        raise NotImplementedError


_blank: Callable[[Any], Any] = object.__new__


class TensorBase(GradientTarget):
    """The state of a tensor: `isinstance(x, TensorBase)` asks whether x is one."""

    _public: ClassVar[Any]  # the class of every result
    _is_parameter = False  # whether it is a parameter or a buffer of a module, which outlives calls
    __slots__ = (
        "__weakref__", "_array", "_destination", "_edge", "_grad", "_hooks", "_identity", "_memory", "_recorder",
        "_requires_grad", "_value", "_view",
    )  # fmt: skip

    _array: Array | None
    _destination: Array | None  # where numbers that are waited for will be written
    _edge: GradientEdge | None
    _grad: Any  # a tensor of the class that people use, or None
    _hooks: Any  # `LeafHooks` of a leaf, or None; those of a result are kept where it was made
    _identity: Identity | None
    _memory: Memory
    _recorder: Recording | None
    _requires_grad: bool
    _value: Value | None
    _view: View | None

    def _begin(self, array: Array | None, memory: Memory, requires_grad: bool) -> None:
        self._array = array
        self._memory = memory
        self._requires_grad = requires_grad
        self._hooks = self._identity = self._edge = self._recorder = self._destination = self._value = None
        self._view = self._grad = None

    @classmethod
    def _new(cls) -> Self:
        """A tensor of the class that people use, without any state."""
        return cast(Self, cls._public.__new__(cls._public))

    @classmethod
    def _over(cls, array: Array | None, memory: Memory | None = None) -> Self:
        """A tensor that is a leaf over `array`."""
        tensor: Self = _blank(cls._public)
        tensor._array = array
        tensor._memory = Memory() if memory is None else memory
        tensor._requires_grad = False
        tensor._hooks = tensor._identity = tensor._edge = tensor._recorder = tensor._destination = tensor._value = None
        tensor._view = tensor._grad = None
        return tensor

    @classmethod
    def _pending(cls, recorder: Recording, value: Value, requires_grad: bool) -> Self:
        """A tensor whose numbers will be computed by `recorder`."""
        tensor: Self = _blank(cls._public)
        tensor._array, tensor._memory, tensor._requires_grad = None, Memory(), requires_grad
        tensor._value, tensor._recorder = value, recorder
        tensor._hooks = tensor._identity = tensor._edge = tensor._destination = tensor._view = tensor._grad = None
        return tensor

    def _fulfil(self, array: Array, edge: GradientEdge | None) -> None:
        """Take the numbers that were waited for."""
        if self._destination is not None:
            np.copyto(self._destination, array)
            array, self._destination = self._destination, None
            self._memory.version += 1
        self._array, self._edge, self._value, self._recorder = array, edge, None, None

    def _lie_in(self, array: Array, memory: Memory) -> None:
        """Have the numbers of `array`, which others have too."""
        before = self._memory
        self._array, self._memory, self._identity = array, memory, None
        self._value = self._recorder = None
        before.note_rebinding()

    def _shallow_copy(self) -> Self:
        """Another tensor that is all that this one is now."""
        copied: Self = self._over(self._array, self._memory)
        copied._requires_grad, copied._edge = self._requires_grad, self._edge
        copied._value, copied._recorder = self._value, self._recorder
        return copied

    def _alias(self) -> Self:
        """What this tensor is now, to compute with while it changes: numbers that others may overwrite are copied."""
        alias = self._shallow_copy()
        if self._recorder is not None:
            self._recorder.add_pending(alias)
        elif self._memory.shared:
            alias._array, alias._memory = self._realize().copy(), Memory()
        return alias

    def _take(self, other: TensorBase) -> None:
        """Be what another tensor is now."""
        before = self._memory
        self._array, self._memory, self._edge = other._array, other._memory, other._edge
        self._value, self._recorder, self._requires_grad = other._value, other._recorder, other._requires_grad
        self._destination = self._identity = None
        before.note_rebinding()

    def _rebind(self, result: TensorBase, in_place: bool) -> None:
        """Become the result; its numbers overwrite those of this tensor, if `in_place` or if others look at them."""
        destination, memory = self._destination if self._value is not None else self._array, self._memory
        stays = in_place or memory.shared or self._destination is not None
        self._take(result)
        if not stays or destination is None:
            return
        self._memory = memory
        if self._value is not None:
            self._destination = destination
            return
        np.copyto(destination, result._realize())
        self._array = destination
        memory.version += 1

    def _realize(self) -> Array:
        """The array, computed now if it is pending."""
        if self._view is not None:
            self._view.refresh(self)
        while True:
            recorder, array = self._recorder, self._array
            if recorder is None and array is not None:
                return array
            if recorder is None:
                sleep(0)  # another thread is between two assignments
            else:
                recorder.settle(self)
                if self._recorder is recorder:
                    return cast(Array, self._array)

    def _stamp(self) -> Stamp:
        """Equal as long as the numbers have not changed; without a version if that cannot be known."""
        if self._identity is None:
            self._identity = Identity(self._is_parameter)
        memory = self._memory
        return self._identity.stamp(None if memory.shared else memory.version)

    # What is known without the numbers

    @property
    def _dtype(self) -> DType:
        if self._array is not None:
            dtype: DType = self._array.dtype
            return dtype
        value = self._value
        return value.spec.dtype if value is not None else self._realize().dtype

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
        if self._array is not None:
            shape: Shape = self._array.shape
            return shape
        value = self._value
        return value.spec.shape if value is not None else self._realize().shape

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
    def is_xpu(self) -> bool:
        """Whether the numbers lie on a graphics card of Intel: they do not."""
        return False

    @property
    def is_cpu(self) -> bool:
        """Whether the numbers lie on the processor: they do."""
        return True

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
        return math.prod(self.shape) * self.itemsize

    # What gradients need to know

    @property
    def requires_grad(self) -> bool:
        """Whether backward reaches this tensor."""
        if self._view is not None:
            self._view.refresh(self)
        return self._requires_grad

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by a person, or no gradient flows through it."""
        return not self.requires_grad or (self._edge is None and self._value is None)
