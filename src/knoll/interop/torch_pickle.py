"""The pickle inside of a PyTorch file, read into descriptions: which tensors there are, not their numbers."""

from __future__ import annotations

import math
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import IO, Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from knoll.data.inert_pickle import Builder, InertUnpickler, PlainDict, check_sizes, refuse
from knoll.data.pickle_machine import Allowance
from knoll.errors import DataError, UnsupportedError
from knoll.messages import say

T = TypeVar("T")

# bfloat16 is the upper half of a float32; NumPy has no such type.
_BFLOAT16 = "bfloat16"
_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": _BFLOAT16,
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "uint8",
}
# A stride of 0 repeats an element, so a small file could claim endless tensors: elements allowed beyond the bytes.
_EXPANDED = 1 << 24
_CLASS_STEPS = 128  # a class takes as much memory as so many small objects
_MOST_IN_POINTER = 8  # parts of what points to a storage
# Sizes, strides and offsets that NumPy can multiply without overflow.
_MOST = 1 << 40
_TYPES = {*_STORAGES.values(), "uint16", "uint32", "uint64"}


@dataclass(frozen=True, eq=False)
class ElementType:
    """The element type of a storage or a tensor, by NumPy's name (and bfloat16)."""

    name: str

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type as it lies in the file."""
        return np.dtype("<u2" if self.name == _BFLOAT16 else self.name)

    def __setstate__(self, state: object) -> NoReturn:
        refuse(f"torch.{self.name}")


@dataclass(frozen=True, eq=False)
class Storage:
    """A row of numbers in the file, `key` being its name there."""

    key: str
    element: ElementType

    def __setstate__(self, state: object) -> NoReturn:
        refuse("torch.storage")


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A tensor as a window on a storage; offset and strides in elements. `kind` is one of `structure.kind_of`."""

    storage: Storage
    element: ElementType
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    kind: str = "tensor"

    def __setstate__(self, state: object) -> None:
        """Ignore Python attributes that were attached to the tensor."""


class InertType(type):
    """The type of a class that a file names: there to be instantiated without code, never to be called."""

    def __call__(cls, *_: object, **__: object) -> NoReturn:
        refuse(f"{cls.__module__}.{cls.__qualname__}")


class Inert(metaclass=InertType):
    """A stand-in for an object of a class that is not loaded: its attributes, without its code."""

    __slots__ = ("_attributes",)

    _attributes: dict[str, Any]

    def __new__(cls, *_: object, **__: object) -> Inert:
        """An empty stand-in, whatever the class would have been given."""
        inert = object.__new__(cls)
        inert._attributes = {}
        return inert

    def __setstate__(self, state: Any) -> None:
        attributes = state[0] if isinstance(state, tuple) and state else state
        self._attributes = attributes if isinstance(attributes, dict) else {}

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes as they were saved."""
        return self._attributes

    def attribute(self, name: str, kind: type[T]) -> T:
        """One attribute; an empty one where there was none of this kind."""
        found = self._attributes.get(name)
        return found if isinstance(found, kind) else kind()


@dataclass(frozen=True)
class Contents:
    """What a file holds: the value that was saved, the bytes of its storages, and what reading on may take."""

    value: Any
    storages: Mapping[str, bytes | memoryview]
    allowance: Allowance

    def array(self, tensor: StoredTensor) -> NDArray[Any]:
        """The numbers of a tensor. Raises DataError where it reaches beyond its storage, or repeats it too often."""
        data = self.storages.get(tensor.storage.key)
        dtype = tensor.element.dtype
        first, last = _reach(tensor)
        claimed = math.prod(max(size, 1) for size in tensor.shape)
        if data is None or (last + 1) * dtype.itemsize > len(data) or claimed > len(data) + _EXPANDED:
            raise DataError(say("interop.beyond_storage", key=tensor.storage.key), advice=say("interop.copy_again"))
        self.allowance.copy(claimed * dtype.itemsize)
        numbers = np.frombuffer(data, dtype, count=len(data) // dtype.itemsize)[first : last + 1]
        strides = [step * dtype.itemsize for step in tensor.stride]
        window = np.lib.stride_tricks.as_strided(numbers, tensor.shape, strides, writeable=False)
        return _wide(window) if tensor.element.name == _BFLOAT16 else np.array(window, order="C")

    def window(self, tensor: StoredTensor, numbers: NDArray[Any]) -> NDArray[Any]:
        """The part of a storage's numbers that a tensor is. Raises DataError where it reaches beyond."""
        first, last = _reach(tensor)
        claimed = math.prod(max(size, 1) for size in tensor.shape)
        if last >= numbers.size or claimed > numbers.size + _EXPANDED:
            raise DataError(say("interop.beyond_storage", key=tensor.storage.key), advice=say("interop.copy_again"))
        strides = [step * numbers.itemsize for step in tensor.stride]
        return np.lib.stride_tricks.as_strided(numbers[first:], tensor.shape, strides)

    def numbers(self, storage: Storage, element: ElementType) -> NDArray[Any]:
        """All numbers of a storage, as elements of a type. Raises DataError where the file has none."""
        data = self.storages.get(storage.key)
        if data is None:
            raise DataError(say("interop.beyond_storage", key=storage.key), advice=say("interop.copy_again"))
        self.allowance.copy(len(data))
        numbers = np.frombuffer(data, element.dtype, count=len(data) // element.dtype.itemsize)
        return _wide(numbers) if element.name == _BFLOAT16 else numbers.copy()


def _wide(halves: NDArray[Any]) -> NDArray[Any]:
    """bfloat16 as float32."""
    return (halves.astype(np.uint32) << 16).view(np.float32)


def _reach(tensor: StoredTensor) -> tuple[int, int]:
    """The first and the last element of the storage that a tensor uses; last before first for an empty one."""
    if math.prod(tensor.shape) == 0:
        return tensor.offset, tensor.offset - 1
    reach = sum((size - 1) * step for size, step in zip(tensor.shape, tensor.stride, strict=True))
    return tensor.offset, tensor.offset + reach


class TorchUnpickler(InertUnpickler):
    """Reads tensors as `StoredTensor`, objects of any class as `Inert`, and refuses every other call."""

    def __init__(self, file: IO[bytes], allowance: Allowance) -> None:
        super().__init__(file, allowance, _names())
        self._classes: dict[tuple[str, str], InertType] = {}

    def unknown(self, module: str, name: str) -> Any:
        """A class of the file, without code; the same for the same name."""
        if (module, name) not in self._classes:
            self.allowance.step(_CLASS_STEPS)
            self._classes[module, name] = InertType(name, (Inert,), {"__slots__": (), "__module__": module})
        return self._classes[module, name]

    def persistent_load(self, pid: Any) -> Any:
        """The storage that the pickle points to, or the class of a module saved with its source."""
        if not isinstance(pid, tuple) or not 2 <= len(pid) <= _MOST_IN_POINTER:
            raise pickle.UnpicklingError("persistent id")
        kind, subject, *rest = pid
        if kind == "module":
            return subject
        if kind != "storage" or not isinstance(subject, ElementType):
            raise _unknown_numbers(subject)
        # A view of another storage, as PyTorch before 0.4 wrote them, stands in the fifth place.
        if len(rest) > 3 and rest[3] is not None:
            raise UnsupportedError(say("interop.storage_view"))
        return Storage(name_of(rest[0]), subject)


def name_of(given: Any) -> str:
    """The name of a storage. Raises UnpicklingError for what is neither a text nor a number."""
    if not isinstance(given, (str, int)):
        raise pickle.UnpicklingError("name of a storage")
    return str(given)


def _unknown_numbers(kind: Any) -> UnsupportedError:
    return UnsupportedError(say("interop.unknown_storage", name=getattr(kind, "__name__", type(kind).__name__)))


def _names() -> dict[tuple[str, str], Any]:
    names: dict[tuple[str, str], Any] = {
        ("torch._utils", "_rebuild_tensor"): _tensor,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch._utils", "_rebuild_tensor_v3"): _typed_tensor,
        ("torch._utils", "_rebuild_parameter"): _parameter,
        ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
        ("torch._tensor", "_rebuild_from_type_v2"): _of_subclass,
        ("torch", "Size"): tuple,
        ("collections", "Counter"): PlainDict,
        ("torch", "device"): lambda *place: ":".join(map(name_of, place)),
    }
    types: dict[tuple[str, str], Any] = {("torch", name): ElementType(kind) for name, kind in _STORAGES.items()}
    types |= {("torch", name): ElementType(name) for name in _TYPES}
    types["torch.storage", "UntypedStorage"] = ElementType("uint8")
    return {key: Builder(".".join(key), function) for key, function in names.items()} | types


def _tensor(
    storage: Any, offset: Any, shape: Any, stride: Any, requires_grad: object = False, *_: object
) -> StoredTensor:
    if not isinstance(storage, Storage):
        raise pickle.UnpicklingError("tensor")
    kind = "learned" if requires_grad is True else "tensor"
    return _checked(StoredTensor(storage, storage.element, offset, shape, stride, kind))


def _typed_tensor(
    storage: Any, offset: Any, shape: Any, stride: Any, requires_grad: object, _hooks: object, element: Any, *_: object
) -> StoredTensor:
    if not isinstance(storage, Storage) or not isinstance(element, ElementType):
        raise _unknown_numbers(element)
    return replace(_tensor(storage, offset, shape, stride, requires_grad), element=element)


def _checked(tensor: StoredTensor) -> StoredTensor:
    numbers = (tensor.shape, tensor.stride, (tensor.offset,))
    for sizes in numbers:
        check_sizes(sizes)
    if len(tensor.shape) != len(tensor.stride) or not all(n <= _MOST for sizes in numbers for n in sizes):
        raise pickle.UnpicklingError("tensor")
    return tensor


def _parameter(tensor: Any, requires_grad: object = True, *_: object) -> Any:
    if not isinstance(tensor, StoredTensor):
        return tensor
    return replace(tensor, kind="parameter" if requires_grad is True else "frozen parameter")


def _of_subclass(build: Any, _kind: object, arguments: tuple[Any, ...], _state: object) -> Any:
    if not isinstance(build, Builder) or not build.name.startswith("torch._utils."):
        refuse(getattr(build, "__name__", type(build).__name__))
    return build(*arguments)
