"""What to try where a tensor is wanted and something else came, by what it is."""

from __future__ import annotations

from typing import Any

from knoll.messages import say
from knoll.tensor.base import TensorBase


def advice(value: Any) -> str:
    """How `value` becomes the tensor that is meant, or which mistake it comes from.

    >>> advice(None)
    'this None is what a forward without return gives: return the result at its end'
    """
    if value is None:
        return say("tensor.none_came")
    if isinstance(value, (tuple, list)) and any(isinstance(part, TensorBase) for part in value):
        return _of_several(value)
    if isinstance(value, dict) and any(isinstance(part, TensorBase) for part in value.values()):
        return say("tensor.dict_came", key=next(key for key, part in value.items() if isinstance(part, TensorBase)))
    if isinstance(value, type):
        return say("tensor.class_came", name=value.__name__)
    if hasattr(value, "named_parameters"):
        return say("tensor.module_came", name=type(value).__name__)
    if callable(value) and hasattr(value, "__name__"):
        return say("tensor.function_came", name=value.__name__)
    return say("tensor.make_tensor")


def _of_several(values: Any) -> str:
    """What to do with several tensors: take one, or make a batch of them."""
    first, *rest = values
    if len(rest) == 1 and _is_index(rest[0]) and getattr(first, "shape", None) == rest[0].shape:
        return say("tensor.values_and_indices")
    shapes = {getattr(part, "shape", None) for part in values}
    if isinstance(values, list) and len(shapes) == 1:
        return say("tensor.list_of_tensors")
    return say("tensor.several_results", count=len(values))


def _is_index(value: Any) -> bool:
    return isinstance(value, TensorBase) and getattr(value, "dtype", None) == "int64"
