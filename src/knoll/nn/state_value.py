"""How one value of a state dict is taken over into a parameter or a buffer, and what is wrong where it does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.graph.shapes import size_name
from knoll.nn.module_base import AnyModule
from knoll.nn.parameter import Parameter
from knoll.nn.uninitialized import Uninitialized, is_lazy
from knoll.tensor import Tensor, no_grad


def taken(module: AnyModule, name: str, key: str, tensor: Tensor, value: Any, assign: bool) -> list[str]:
    """Copy one value, or put it there, unless there is a fault, which is returned."""
    if is_lazy(value) and is_lazy(tensor):
        return []
    fault = _fault(key, value, tensor)
    if fault is not None:
        return [fault]
    try:
        with no_grad():
            if assign:
                setattr(module, name, _assignable(value, tensor))
            else:
                _copy(tensor, value)
    except Exception as error:  # noqa: BLE001 (an overridden attribute may raise anything)
        return [
            f'While copying the parameter named "{key}", whose dimensions in the model are {_size(tensor)} and whose '
            f"dimensions in the checkpoint are {_size(value)}, an exception occurred : {error.args}."
        ]
    return []


def _assignable(value: Any, tensor: Tensor) -> Tensor:
    """The value as what `tensor` is: a tensor, or a parameter that is learned if `tensor` is."""
    result = value if isinstance(value, Tensor) else Tensor._holding(value)
    if isinstance(tensor, Parameter):
        result = result if isinstance(result, Parameter) else Parameter(result, requires_grad=False)
        result.requires_grad_(tensor.requires_grad)
    return result


def _copy(tensor: Tensor, value: Any) -> None:
    if isinstance(tensor, Uninitialized):
        tensor.materialize(value.shape)
    tensor.copy_(_numbers_of(value).reshape(tensor.shape))


def _numbers_of(value: Any) -> np.ndarray[Any, Any]:
    """The numbers of a tensor, or of anything that NumPy can read."""
    return value._realize() if isinstance(value, Tensor) else np.asarray(value)


def _fault(key: str, value: Any, tensor: Tensor) -> str | None:
    """Why `value` cannot be copied into a tensor."""
    if not isinstance(value, Tensor) and not (hasattr(value, "__array__") and hasattr(value, "shape")):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint '
            f"but received {type(value)}"
        )
    if is_lazy(tensor):
        return None
    got, shape = tuple(value.shape), tensor.shape
    if got == shape or (shape == () and got == (1,)):
        return None
    return (
        f"size mismatch for {key}: copying a param with shape {size_name(got)} from checkpoint, "
        f"the shape in current model is {size_name(shape)}."
    )


def _size(value: Any) -> str:
    return "unknown" if is_lazy(value) else size_name(tuple(value.shape))
