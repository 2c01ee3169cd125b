"""ONNX operators that are functions of tensors: comparisons, logic, types, places, reductions, new tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
from adapter import OPERATORS, Node, OutOfScope, composed, numbers, operator, tensor
from onnx import helper

import knoll
from knoll import Tensor

OPERATORS.update(
    {
        "And": lambda _, a, b: a.logical_and(b),
        "BitwiseAnd": lambda _, a, b: a & b,
        "BitwiseNot": lambda _, x: ~x,
        "BitwiseOr": lambda _, a, b: a | b,
        "BitwiseXor": lambda _, a, b: a ^ b,
        "Cast": lambda node, x: x.to(tensor(np.empty(0, helper.tensor_dtype_to_np_dtype(node["to"]))).dtype),
        "CastLike": lambda _, x, like: x.to(like.dtype),
        "Ceil": lambda _, x: x.ceil(),
        "ConstantOfShape": lambda node, shape: filled(numbers(shape), node["value"]),
        "Cos": lambda _, x: x.cos(),
        "Equal": lambda _, a, b: a == b,
        "Floor": lambda _, x: x.floor(),
        "GatherElements": lambda node, x, places: x.gather(node["axis"], places % x.shape[node["axis"]]),
        "Greater": lambda _, a, b: a > b,
        "GreaterOrEqual": lambda _, a, b: a >= b,
        "IsNaN": lambda _, x: x.isnan(),
        "Less": lambda _, a, b: a < b,
        "LessOrEqual": lambda _, a, b: a <= b,
        "Log": lambda _, x: x.log(),
        "Not": lambda _, x: x.logical_not(),
        "Or": lambda _, a, b: a.logical_or(b),
        "Range": lambda _, start, limit, step: knoll.arange(*(each.item() for each in (start, limit, step))).to(
            start.dtype
        ),
        "Reciprocal": lambda _, x: 1 / x,
        "Round": lambda _, x: x.round(),
        "Shape": lambda node, x: tensor(np.array(x.shape[node["start"] : node["end"]], np.int64)),
        "Sign": lambda _, x: x.sign(),
        "Sin": lambda _, x: x.sin(),
        "Size": lambda _, x: tensor(np.array(x.numel())),
        "Xor": lambda _, a, b: a.logical_xor(b),
    }
)


def filled(shape: list[int], value: Any) -> Tensor:
    """One number everywhere, a zero of type float32 where none is said."""
    one = tensor(np.zeros(1, np.float32) if value is None else value)
    return knoll.full(shape, one.item(), dtype=one.dtype)


@operator("Constant")
def constant(node: Node) -> Tensor:
    """One attribute holds the numbers; its name says of which type they are."""
    ((name, value),) = node.attributes.items()
    kinds: dict[str, Any] = {"value_int": np.int64, "value_ints": np.int64, "value": None}
    return tensor(np.array(value, kinds.get(name, np.float32)))


@operator("EyeLike")
def eye_like(node: Node, x: Tensor) -> Tensor:
    """Ones on a diagonal, which is the main one in PyTorch."""
    if node["k"]:
        raise OutOfScope("other diagonals")
    kind = x.dtype if node["dtype"] is None else helper.tensor_dtype_to_np_dtype(node["dtype"])
    return knoll.eye(*x.shape, dtype=tensor(np.empty(0, kind)).dtype)


@operator("ArgMax", "ArgMin")
def place(node: Node, x: Tensor) -> Tensor:
    """The first of the largest or the smallest; ONNX may ask for the last, which is the first in a mirror."""
    find, axis = (knoll.argmax if node.kind == "ArgMax" else knoll.argmin), node["axis"]
    if not node["select_last_index"]:
        return find(x, axis, bool(node["keepdims"]))
    composed()
    mirrored = x[(slice(None),) * (axis % x.ndim) + (np.arange(x.shape[axis])[::-1].copy(),)]
    return x.shape[axis] - 1 - find(mirrored, axis, bool(node["keepdims"]))


@operator("TopK")
def top_k(node: Node, x: Tensor, count: Tensor | None = None) -> Any:
    wanted = node["k"] if count is None else int(count.item())
    return x.topk(wanted, -1 if node["axis"] is None else node["axis"], node["largest"] != 0)


@operator("OneHot")
def one_hot(node: Node, places: Tensor, depth: Tensor, values: Tensor) -> Tensor:
    """One of two values; places count from the end where they are negative, and beyond both ends none is marked."""
    composed()
    count, axis = int(depth.item()), node["axis"]
    index = knoll.where(places < 0, places + count, places).to(np.int64).unsqueeze(-1)
    marked = (index == knoll.arange(count)).to(values.dtype)
    order = list(range(places.ndim))
    order.insert(axis % (places.ndim + 1), places.ndim)
    return (values[0] + marked * (values[1] - values[0])).permute(order)


@operator("IsInf")
def is_inf(node: Node, x: Tensor) -> Tensor:
    """Of both signs, or of one."""
    if node["detect_negative"] and node["detect_positive"]:
        return x.isinf()
    composed()
    return x.isinf() & (x > 0 if node["detect_positive"] else x < 0 if node["detect_negative"] else x != x)


@operator("Mod")
def mod(node: Node, a: Tensor, b: Tensor) -> Tensor:
    """With the sign of the divisor, as PyTorch's remainder; with that of the dividend it is put together."""
    if not node["fmod"]:
        return a.remainder(b).to(a.dtype)
    composed()
    return abs(a).remainder(abs(b)).to(a.dtype) * a.sign()


@operator("ReduceL1", "ReduceL2")
def norm(node: Node, x: Tensor, axes: Tensor | None = None) -> Tensor:
    chosen = node["axes"] if axes is None else numbers(axes)
    if node["noop_with_empty_axes"] and not chosen:
        return abs(x)
    order = 1 if node.kind == "ReduceL1" else 2
    return x.norm(order, chosen or list(range(x.ndim)), bool(node["keepdims"]))


@operator("ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp")
def reduced_formula(node: Node, x: Tensor, axes: Tensor | None = None) -> Tensor:
    """A sum of squares, the logarithm of a sum, and that of a sum of powers of e."""
    composed()
    chosen = node["axes"] if axes is None else numbers(axes)
    before = {"ReduceSumSquare": knoll.square, "ReduceLogSumExp": knoll.exp}.get(node.kind, lambda each: each)
    after = (lambda each: each) if node.kind == "ReduceSumSquare" else knoll.log
    if node["noop_with_empty_axes"] and not chosen:
        return after(before(x))
    return after(before(x).sum(chosen or list(range(x.ndim)), keepdim=bool(node["keepdims"])))


@operator("LpNormalization")
def normalised(node: Node, x: Tensor) -> Tensor:
    composed()
    size = x.norm(node["p"], node["axis"], keepdim=True)
    return x / knoll.where(size == 0, knoll.ones_like(size), size)


@operator("MeanVarianceNormalization")
def standardised(node: Node, x: Tensor) -> Tensor:
    composed()
    centred = x - x.mean(node["axes"], keepdim=True)
    return centred / (centred.square().mean(node["axes"], keepdim=True).sqrt() + 1e-9)
