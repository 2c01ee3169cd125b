"""Tensors as other things: Python numbers, lists, arrays, other element types, other libraries' tensors."""

from __future__ import annotations

from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentError, ArgumentTypeError, StateError, UnsupportedError
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor.autograd.gradients import detach
from knoll.tensor.autograd.modes import is_grad_enabled
from knoll.tensor.base import T, TensorBase
from knoll.tensor.device import Device, device, on_cpu
from knoll.tensor.dtypes import (
    TYPE_NAMES,
    bool_,
    dtype_of,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    type_name,
    uint8,
)
from knoll.tensor.elementwise.arithmetic import cast
from knoll.tensor.storage.copying import clone
from knoll.tensor.storage.layout import numel
from knoll.tensor.storage.memory_format import check_format, memory_format

__all__ = ["is_tensor"]

Number: TypeAlias = bool | int | float


def item(x: TensorBase) -> Number:
    """The only element, as a Python number.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.item.html

    >>> import knoll
    >>> knoll.tensor([[2.5]]).item()
    2.5
    """
    if x._recorder is not None:
        x._recorder.before_item()
    array = x._realize()
    if array.size != 1:
        raise StateError(
            f"a Tensor with {array.size} elements cannot be converted to Scalar", advice=say("tensor.one_element")
        )
    number: Number = array.item()
    return number


def scalar(x: TensorBase) -> Number:
    """The only element, for `float` and `int`."""
    if numel(x) != 1:
        raise ArgumentError(
            "only one element tensors can be converted to Python scalars", advice=say("tensor.one_element")
        )
    return item(x)


def tolist(x: TensorBase) -> Any:
    """The elements as nested lists of Python numbers.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.tolist.html

    >>> import knoll
    >>> knoll.tensor([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    return x._realize().tolist()


def numpy(x: TensorBase, *, force: bool = False) -> Array:
    """The array itself, not a copy: a change of one is a change of the other.

    `force`, like `no_grad()`, gives the numbers of a tensor that requires grad too. Raises StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.numpy.html

    >>> import knoll
    >>> x = knoll.tensor([1.0, 2.0])
    >>> x.numpy()[0] = 9
    >>> x
    tensor([9., 2.])
    """
    array = readable(x, force)
    x._memory.shared = True
    return array


def readable(x: TensorBase, force: bool = False) -> Array:
    """The array itself, to be read at once and not kept. Raises StateError as `numpy` does."""
    if x._requires_grad and is_grad_enabled() and not force:
        raise StateError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            advice=say("tensor.detached_numbers"),
        )
    return x._realize()


def array(x: TensorBase, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
    """What `numpy.asarray` and `numpy.array` ask for."""
    if copy:
        return np.array(detach(x)._realize() if not x._requires_grad else numpy(x), dtype)
    return np.asarray(numpy(x), dtype)


def dlpack(x: TensorBase, /, **options: Any) -> Any:
    """A capsule for other libraries; https://dmlc.github.io/dlpack/latest/python_spec.html describes it."""
    if x._requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return numpy(x).__dlpack__(**options)


def dlpack_device(x: TensorBase) -> tuple[int, int]:
    """The kind and number of the device: the processor."""
    return x._realize().__dlpack_device__()


@overload
def to(x: T, dtype: DTypeLike, *, non_blocking: bool = False, copy: bool = False) -> T: ...
@overload
def to(
    x: T, device: Device = None, dtype: DTypeLike | None = None, *, non_blocking: bool = False, copy: bool = False
) -> T: ...
@overload
def to(x: T, other: TensorBase, *, non_blocking: bool = False, copy: bool = False) -> T: ...
def to(x: T, *args: Any, **kwargs: Any) -> T:
    """The tensor in the element type among the arguments: `to(dtype)`, `to(device, dtype)`, `to(tensor)`.

    Nothing is copied where nothing changes, unless `copy` is True. Raises UnsupportedError for a graphics card.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.to.html

    >>> import knoll
    >>> knoll.tensor([1, 2]).to("cpu").to(knoll.float32)
    tensor([1., 2.])
    """
    copy = kwargs.pop("copy", False)
    kwargs.pop("non_blocking", None)
    unknown = [name for name in kwargs if name not in ("device", "dtype", "other", "memory_format")]
    if unknown:
        raise ArgumentTypeError(f"to() got an unexpected keyword argument '{unknown[0]}'")
    dtype: DType = x._dtype
    for word in (*args, *kwargs.values()):
        if hasattr(word, "_dtype"):
            dtype = word._dtype
        elif isinstance(word, memory_format):
            check_format(word, len(x.shape))
        elif word is None or isinstance(word, bool):
            continue
        elif isinstance(word, (str, device)):
            on_cpu(word)
        else:
            dtype = dtype_of(word)
    if dtype == x._dtype:
        return clone(x) if copy else x
    return cast(x, dtype)


@overload
def typed(x: TensorBase, dtype: None = None) -> str: ...
@overload
def typed(x: T, dtype: DTypeLike) -> T: ...
def typed(x: T, dtype: DTypeLike | None = None) -> T | str:
    """The name of the tensor's type, or x in another element type; that of the class `Tensor` is float32.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.type.html

    >>> import knoll
    >>> x = knoll.ones(2)
    >>> x.type(), x.type(knoll.int64)
    ('knoll.FloatTensor', tensor([1, 1]))
    """
    if dtype is None:
        return type_name(x._dtype)
    name = dtype.rpartition(".")[2] if isinstance(dtype, str) else getattr(dtype, "__name__", "")
    return cast(x, float32 if name == "Tensor" else TYPE_NAMES.get(name) or dtype_of(dtype))


def to_cpu(x: T) -> T:
    """The tensor itself, which lies on the processor already."""
    return x


def pin_memory(x: T, device: Device = None) -> T:  # noqa: ARG001 (PyTorch's)
    """The tensor itself: there is no graphics card that pages could be held for."""
    return x


def share_memory_(x: T) -> T:  # noqa: ARG001 (of which nothing is shared)
    """Refuse: processes cannot share a tensor. Raises UnsupportedError."""
    raise UnsupportedError(say("nn.share_memory"), advice=say("nn.share_memory_advice"))


def is_shared(x: T) -> bool:  # noqa: ARG001 (PyTorch's)
    """Whether other processes see the same memory: none do."""
    return False


def to_double(x: T) -> T:
    """As float64."""
    return cast(x, float64)


def to_float(x: T) -> T:
    """As float32."""
    return cast(x, float32)


def to_half(x: T) -> T:
    """As float16."""
    return cast(x, float16)


def to_long(x: T) -> T:
    """As int64."""
    return cast(x, int64)


def to_int(x: T) -> T:
    """As int32."""
    return cast(x, int32)


def to_short(x: T) -> T:
    """As int16."""
    return cast(x, int16)


def to_char(x: T) -> T:
    """As int8."""
    return cast(x, int8)


def to_byte(x: T) -> T:
    """As uint8."""
    return cast(x, uint8)


def to_bool(x: T) -> T:
    """As bool: whether each element is not zero."""
    return cast(x, bool_)


def to_cuda(_x: T, *_: Any, **__: Any) -> T:
    """Refuse: Knoll computes on the processor."""
    raise UnsupportedError(say("tensor.no_cuda"), advice=say("tensor.cuda"))


def to_bool_scalar(x: TensorBase) -> bool:
    """Whether the only element is not zero."""
    size = numel(x)
    if size == 1:
        return bool(x._realize().item())
    reason = (
        "Boolean value of Tensor with more than one value is ambiguous"
        if size
        else ("Boolean value of Tensor with no values is ambiguous")
    )
    raise StateError(reason, advice=say("tensor.any_or_all"))


def to_index(x: TensorBase) -> int:
    """The only element as an index; integers alone can be one."""
    if numel(x) != 1 or x._dtype.kind not in "iub":
        raise ArgumentTypeError("only integer tensors of a single element can be converted to an index")
    return int(item(x))


def formatted(x: TensorBase, spec: str) -> str:
    """The number of a tensor without axes in the format asked for."""
    if not x.shape:
        return format(item(x), spec)
    if spec:
        raise ArgumentTypeError("unsupported format string passed to Tensor.__format__")
    return repr(x)


def is_tensor(thing: object) -> bool:
    """Whether it is a tensor.

    Source: https://pytorch.org/docs/stable/generated/torch.is_tensor.html

    >>> import knoll
    >>> knoll.is_tensor(knoll.ones(1)), knoll.is_tensor([1.0])
    (True, False)
    """
    return isinstance(thing, TensorBase)
