"""What `Module.to` and the arguments `device` and `dtype` of a layer understand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, StateError
from knoll.graph.spec import DType
from knoll.tensor import Tensor
from knoll.tensor.device import Device, on_cpu
from knoll.tensor.device import device as known_device
from knoll.tensor.dtypes import check_differentiable, dtype_of

# What `Module.to` may be given, by place or by name.
_FORMS = (("device", "dtype", "non_blocking"), ("dtype", "non_blocking"), ("tensor", "non_blocking"))


def target_dtype(*args: Any, **kwargs: Any) -> DType | None:
    """The element type among the arguments of `to(device, dtype)`, `to(dtype)` or `to(tensor)`, if there is one.

    Raises ArgumentTypeError for anything else that these forms do not have, and StateError for `copy`.
    """
    if "copy" in kwargs:
        raise StateError(".to() does not accept copy argument")
    kwargs.pop("memory_format", None)
    given = next((named for form in _FORMS if (named := _named(form, args, kwargs)) is not None), None)
    if given is None:
        raise ArgumentTypeError(
            f"to() received an invalid combination of arguments - got ({_kinds(args, kwargs)}), but expected one of:",
            expected=" / ".join(f"({', '.join(form)})" for form in _FORMS),
        )
    if given.get("device") is not None:
        on_cpu(f"cuda:{given['device']}" if isinstance(given["device"], int) else given["device"])
    tensor = given.get("tensor")
    return _floating(tensor.dtype if tensor is not None else given.get("dtype"))


def _floating(word: Any) -> DType | None:
    """The element type of this name; parameters have a floating-point one."""
    dtype = None if word is None else dtype_of(word)
    if dtype is not None and dtype.kind != "f":
        raise ArgumentTypeError(
            f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.{dtype}"
        )
    return dtype


def _named(form: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments by the names of this form, if they are of its kinds."""
    named = dict(zip(form, args, strict=False))
    if len(args) > len(form) or not set(kwargs) <= set(form) - set(named):
        return None
    words = "dtype" in kwargs  # an element type may come as a word, but only by name: the first word is a device
    named |= kwargs
    if form[0] in ("dtype", "tensor") and named.get(form[0]) is None:
        return None
    return named if all(_fits(name, value, words) for name, value in named.items()) else None


def _fits(name: str, value: Any, words: bool) -> bool:
    if name == "tensor":
        return isinstance(value, Tensor)
    if name == "non_blocking":
        return isinstance(value, bool)
    if value is None:
        return True
    if name == "device":
        return isinstance(value, (str, int, known_device)) and not isinstance(value, bool)
    return _is_dtype(value) and (words or not isinstance(value, str))


def _is_dtype(value: Any) -> bool:
    try:
        dtype_of(value)
    except ArgumentTypeError:
        return False
    return not isinstance(value, Tensor)


def _kinds(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The kinds of arguments as PyTorch lists them."""
    names = {known_device: "torch.device", np.dtype: "torch.dtype"}

    def kind(value: Any) -> str:
        return next((name for each, name in names.items() if isinstance(value, each)), type(value).__name__)

    listed = ", ".join([*map(kind, args), *(f"{name}={kind(value)}" for name, value in kwargs.items())])
    return listed if args else f"{listed}, "


def parameter_dtype(device: Device, dtype: DTypeLike | None) -> DType:
    """The element type of a new layer's parameters: float32 unless told otherwise."""
    if device is not None:
        on_cpu(device)
    numbers = np.dtype(np.float32) if dtype is None else dtype_of(dtype)
    check_differentiable(numbers, new=True)
    return numbers


def converting(dtype: DType | None) -> Callable[[Tensor], Tensor]:
    """The function that gives a floating-point tensor this element type; None, and integers, stay as they are."""
    return lambda tensor: tensor if dtype is None or not tensor.is_floating_point() else tensor.to(dtype)


def replace(tensor: Tensor, fn: Callable[[Tensor], Tensor]) -> None:
    """Give a tensor, which stays the same object, and its gradient the numbers that `fn` makes of them."""
    gradient, before = tensor.grad, tensor.data
    after = fn(before)
    changed = None if gradient is None else fn(gradient)
    if after is not before:
        tensor.grad = None
        tensor.data = after
    if changed is not gradient:
        tensor.grad = changed
