"""ONNX operators that functions are written out with; nobody asks Knoll for them on their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from adapter import HELPERS, Node, numbers, tensor
from onnx import helper

import knoll
from knoll import Tensor

HELPERS |= {
    "Cast": lambda node, x: x.to(tensor(np.empty(0, helper.tensor_dtype_to_np_dtype(node["to"]))).dtype),
    "CastLike": lambda _, x, like: x.to(like.dtype),
    "Constant": lambda node: constant(node),
    "ConstantOfShape": lambda node, shape: filled(numbers(shape), node["value"]),
    "Equal": lambda _, a, b: a == b,
    "GatherElements": lambda node, x, places: x.gather(node["axis"], places % x.shape[node["axis"]]),
    "Greater": lambda _, a, b: a > b,
    "Less": lambda _, a, b: a < b,
    "Log": lambda _, x: x.log(),
    "Reciprocal": lambda _, x: 1 / x,
    "Shape": lambda node, x: tensor(np.array(x.shape[node["start"] : node["end"]], np.int64)),
    "Size": lambda _, x: tensor(np.array(x.numel())),
}


def filled(shape: list[int], value: Any) -> Tensor:
    """One number everywhere, a zero of type float32 where none is said."""
    one = tensor(np.zeros(1, np.float32) if value is None else value)
    return knoll.full(shape, one.item(), dtype=one.dtype)


def constant(node: Node) -> Tensor:
    """One attribute holds the numbers; its name says of which type they are."""
    ((name, value),) = node.attributes.items()
    kinds: dict[str, Any] = {"value_int": np.int64, "value_ints": np.int64, "value": None}
    return tensor(np.array(value, kinds.get(name, np.float32)))
