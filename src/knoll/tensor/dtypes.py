"""Element types, and what two of them make together.

The rule is PyTorch's: the highest kind wins (bool, integer, float); within it tensors with axes decide, then tensors
without axes, then Python numbers, whose floats count as float32.
Source: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentError, ArgumentTypeError, DTypeError, UnsupportedError
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor.base import TensorBase

__all__ = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8"]

float16: DType = np.dtype(np.float16)
float32: DType = np.dtype(np.float32)
float64: DType = np.dtype(np.float64)
int8: DType = np.dtype(np.int8)
int16: DType = np.dtype(np.int16)
int32: DType = np.dtype(np.int32)
int64: DType = np.dtype(np.int64)
uint8: DType = np.dtype(np.uint8)
bool_: DType = np.dtype(np.bool_)


@dataclass(frozen=True)
class AbsentType:
    """An element type of PyTorch's that no tensor here has. Programs name it where they choose one for `autocast`."""

    name: str
    is_absent: ClassVar[bool] = True

    def __repr__(self) -> str:
        return self.name


bfloat16: AbsentType = AbsentType("bfloat16")
SUPPORTED = (float64, float32, float16, int64, int32, int16, int8, uint8, bool_)
RANK = {"b": 0, "u": 1, "i": 1, "f": 2}


def dtype_of(word: DTypeLike | AbsentType) -> DType:
    """The element type that `word` names: a NumPy type, `float`, "float32" and the like.

    >>> dtype_of("float32"), dtype_of(int)
    (dtype('float32'), dtype('int64'))
    """
    if isinstance(word, AbsentType):
        raise UnsupportedError(say("tensor.absent_type", name=word.name), advice=say("nn.absent_precision"))
    try:
        dtype: DType = np.dtype(word).newbyteorder("=")
    except Exception:  # noqa: BLE001 (NumPy asks whatever it is given for its type)
        raise ArgumentTypeError(f"dtype must be torch.dtype, not {type(word).__name__}") from None
    if dtype not in SUPPORTED:
        raise ArgumentTypeError(unsupported(dtype))
    return np.dtype(dtype.type)  # the one object of this type: operands are asked whether they have the same


def dtype_or(word: DTypeLike | None, default: DType) -> DType:
    """The element type that `word` names, or the default without one."""
    return default if word is None else dtype_of(word)


def unsupported(dtype: DType) -> str:
    """PyTorch's sentence about an array that no tensor can hold."""
    supported = ", ".join(map(str, SUPPORTED))
    return f"can't convert np.ndarray of type numpy.{dtype.type.__name__}. The only supported types are: {supported}."


def scalar_dtype(number: Any) -> DType:
    """The element type of a Python number, or of a NumPy one, which counts the same."""
    if isinstance(number, (bool, np.bool_)):
        return bool_
    return int64 if isinstance(number, (int, np.integer)) else float32


def joined(a: DType, b: DType) -> DType:
    """The element type that holds both.

    >>> joined(int64, float32)
    dtype('float32')
    """
    if RANK[a.kind] != RANK[b.kind]:
        return a if RANK[a.kind] > RANK[b.kind] else b
    return np.result_type(a, b)


def result_type(*operands: Any) -> DType:
    """The element type that an operation on tensors and numbers gives.

    >>> from knoll.tensor import tensor
    >>> result_type(tensor([1, 2]), 1.5), result_type(tensor([1.0]), tensor(1, dtype=float64))
    (dtype('float32'), dtype('float32'))
    """
    levels: list[DType | None] = [None, None, None]
    for operand in operands:
        is_tensor = isinstance(operand, TensorBase)
        dtype = operand._dtype if is_tensor else scalar_dtype(operand)
        level = 2 if not is_tensor else 0 if operand.shape else 1
        held = levels[level]
        levels[level] = dtype if held is None else joined(held, dtype)
    found = [dtype for dtype in levels if dtype is not None]
    return max(found, key=lambda dtype: RANK[dtype.kind])  # the first of equal kind


_C_NAMES = {"uint8": "uint8_t", "int8": "int8_t", "int16": "int16_t", "int32": "int", "int64": "int64_t",
            "float16": "c10::Half", "float32": "float", "float64": "double"}  # fmt: skip


def fitting(number: Any, dtype: DType) -> Array:
    """An array without axes of a real number that an element of type `dtype` can hold.

    What lies behind the point is cut off for integers, and unsigned ones count negative numbers from the top, as in
    PyTorch. Raises ArgumentError.

    >>> fitting(1.5, int64), fitting(-1, uint8)
    (array(1), array(255, dtype=uint8))
    """
    if dtype.kind == "b":
        return np.asarray(bool(number))
    finite = isinstance(number, int) or math.isfinite(number)  # which fails of integers that no float holds
    if dtype.kind == "f":
        if not finite or abs(number) <= float(np.finfo(dtype).max):
            return np.asarray(float(number), dtype)
    elif finite:
        most = int(np.iinfo(dtype).max)
        if -most - (dtype.kind == "i") <= int(number) <= most:
            return np.asarray(int(number) % (most + 1) if dtype.kind == "u" else int(number), dtype)
    raise ArgumentError(f"value cannot be converted to type {_C_NAMES[dtype.name]} without overflow", got=f"{number}")


def floating(x: TensorBase) -> DType:
    """The type of x if it is a float, else float32."""
    return x._dtype if x._dtype.kind == "f" else float32


def check_differentiable(dtype: DType, new: bool = False) -> None:
    """Refuse a gradient for anything but floats; PyTorch's sentence about a `new` tensor begins with a capital."""
    if dtype.kind != "f":
        raise DTypeError(
            f"{'Only' if new else 'only'} Tensors of floating point and complex dtype can require gradients",
            advice=say("tensor.float_first"),
        )


TYPE_NAMES: dict[str, DType] = {
    "FloatTensor": float32, "DoubleTensor": float64, "HalfTensor": float16, "LongTensor": int64, "IntTensor": int32,
    "BoolTensor": bool_, "ByteTensor": uint8, "ShortTensor": int16, "CharTensor": int8,
}  # fmt: skip


def type_name(dtype: DType) -> str:
    """The name of the class of tensors of this element type."""
    return next((f"knoll.{name}" for name, known in TYPE_NAMES.items() if known == dtype), f"knoll.{dtype}")


FloatInfo: TypeAlias = np.finfo[Any]
IntegerInfo: TypeAlias = np.iinfo[Any]


def finfo(dtype: DTypeLike = np.float32) -> FloatInfo:
    """The limits of a type of floats.

    >>> float(finfo("float16").max)
    65504.0
    """
    return np.finfo(dtype_of(dtype))


def iinfo(dtype: DTypeLike) -> IntegerInfo:
    """The limits of a type of integers.

    >>> int(iinfo("uint8").max)
    255
    """
    return np.iinfo(dtype_of(dtype))
