"""Tensors as other things: Python numbers, lists, arrays, other element types, other libraries' tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, DTypeError, StateError, UnsupportedError
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor.arithmetic import cast
from knoll.tensor.device import device
from knoll.tensor.dtypes import bool_, dtype_of, float16, float32, float64, int32, int64, uint8
from knoll.tensor.modes import is_grad_enabled

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor

_TYPE_NAMES: dict[str, DType] = {
    "FloatTensor": float32, "DoubleTensor": float64, "HalfTensor": float16, "LongTensor": int64, "IntTensor": int32,
    "BoolTensor": bool_, "ByteTensor": uint8,
}  # fmt: skip


def item(x: Tensor) -> Any:
    """The only element, as a Python number.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.item.html
    """
    array = x._realize()
    if array.size != 1:
        raise StateError(
            f"a Tensor with {array.size} elements cannot be converted to Scalar", advice=say("tensor.one_element")
        )
    return array.item()


def scalar(x: Tensor) -> Any:
    """The only element, for `float` and `int`."""
    if x.numel() != 1:
        raise ArgumentError(
            "only one element tensors can be converted to Python scalars", advice=say("tensor.one_element")
        )
    return item(x)


def tolist(x: Tensor) -> Any:
    """The elements as nested lists of Python numbers."""
    return x._realize().tolist()


def numpy(x: Tensor, *, force: bool = False) -> Array:
    """The array itself, not a copy: a change of one is a change of the other.

    `force`, like `no_grad()`, gives the numbers of a tensor that requires grad too. Raises StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.numpy.html
    """
    if x._requires_grad and is_grad_enabled() and not force:
        raise StateError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
        )
    array = x._realize()
    x._memory.shared = True
    return array


def array(x: Tensor, dtype: Any = None, copy: bool | None = None) -> Array:
    """What `numpy.asarray` and `numpy.array` ask for."""
    if copy:
        return np.array(x.detach()._realize() if not x._requires_grad else numpy(x), dtype)
    return np.asarray(numpy(x), dtype)


def dlpack(x: Tensor, **options: Any) -> Any:
    """A capsule for other libraries; https://dmlc.github.io/dlpack/latest/python_spec.html describes it."""
    if x._requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return numpy(x).__dlpack__(**options)


def dlpack_device(x: Tensor) -> tuple[int, int]:
    """The kind and number of the device: the processor."""
    return x._realize().__dlpack_device__()


def to(x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """The tensor in the element type among the arguments: `to(dtype)`, `to(device, dtype)`, `to(tensor)`.

    Nothing is copied where nothing changes, unless `copy` is True. Raises UnsupportedError for a graphics card.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.to.html

    >>> from knoll.tensor import tensor
    >>> tensor([1, 2]).to("cpu").to(float32)
    tensor([1., 2.])
    """
    copy = kwargs.pop("copy", False)
    kwargs.pop("non_blocking", None)
    dtype: DType = x._dtype
    for word in (*args, *kwargs.values()):
        if hasattr(word, "_dtype"):
            dtype = word._dtype
        elif word is None or isinstance(word, (bool, device)):
            continue
        elif isinstance(word, str):
            device(word)
        else:
            dtype = dtype_of(word)
    if dtype == x._dtype:
        return x.clone() if copy else x
    return cast(x, dtype)


def typed(x: Tensor, dtype: Any = None) -> Any:
    """The name of the tensor's type, or x in another element type."""
    if dtype is None:
        return next((f"knoll.{name}" for name, known in _TYPE_NAMES.items() if known == x._dtype), f"knoll.{x._dtype}")
    name = dtype.rpartition(".")[2] if isinstance(dtype, str) else ""
    return cast(x, _TYPE_NAMES.get(name) or dtype_of(dtype))


def to_cpu(x: Tensor) -> Tensor:
    """The tensor itself, which lies on the processor already."""
    return x


def to_double(x: Tensor) -> Tensor:
    """As float64."""
    return cast(x, float64)


def to_float(x: Tensor) -> Tensor:
    """As float32."""
    return cast(x, float32)


def to_half(x: Tensor) -> Tensor:
    """As float16."""
    return cast(x, float16)


def to_long(x: Tensor) -> Tensor:
    """As int64."""
    return cast(x, int64)


def to_int(x: Tensor) -> Tensor:
    """As int32."""
    return cast(x, int32)


def to_byte(x: Tensor) -> Tensor:
    """As uint8."""
    return cast(x, uint8)


def to_bool(x: Tensor) -> Tensor:
    """As bool: whether each element is not zero."""
    return cast(x, bool_)


def to_cuda(_x: Tensor, *_: Any, **__: Any) -> Tensor:
    """Refuse: Knoll computes on the processor."""
    raise UnsupportedError("Torch not compiled with CUDA enabled", advice=say("tensor.cuda"))


def to_bool_scalar(x: Tensor) -> bool:
    """Whether the only element is not zero."""
    size = x.numel()
    if size == 1:
        return bool(item(x))
    reason = (
        "Boolean value of Tensor with more than one value is ambiguous"
        if size
        else ("Boolean value of Tensor with no values is ambiguous")
    )
    raise StateError(reason, advice=say("tensor.any_or_all"))


def to_index(x: Tensor) -> int:
    """The only element as an index; integers alone can be one."""
    if x.numel() != 1 or x._dtype.kind not in "iub":
        raise ArgumentTypeError("only integer tensors of a single element can be converted to an index")
    return int(item(x))


def formatted(x: Tensor, spec: str) -> str:
    """The number of a tensor without axes in the format asked for."""
    if not x.shape:
        return format(item(x), spec)
    if spec:
        raise ArgumentTypeError("unsupported format string passed to Tensor.__format__")
    return repr(x)


def is_tensor(thing: Any) -> bool:
    """Whether it is a tensor."""
    from knoll.tensor.tensor import Tensor  # Tensor is made of these

    return isinstance(thing, Tensor)


def check_differentiable(dtype: DType, new: bool = False) -> None:
    """Refuse a gradient for anything but floats; PyTorch's sentence about a `new` tensor begins with a capital."""
    if dtype.kind != "f":
        raise DTypeError(
            f"{'Only' if new else 'only'} Tensors of floating point and complex dtype can require gradients",
            advice=say("tensor.float_first"),
        )
