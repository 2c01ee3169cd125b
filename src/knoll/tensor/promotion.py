"""Which element type an operation gives, asked for without an operation."""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike

from knoll.graph.spec import DType
from knoll.tensor import dtypes
from knoll.tensor.arguments import operand

__all__ = ["can_cast", "promote_types", "result_type"]


def can_cast(from_: DTypeLike, to: DTypeLike) -> bool:
    """Whether results of one element type may be written into another: no floats into integers, no numbers into bools.

    Source: https://pytorch.org/docs/stable/generated/torch.can_cast.html

    >>> import knoll
    >>> knoll.can_cast("float64", "float32"), knoll.can_cast("float32", "int64")
    (True, False)
    """
    before, after = dtypes.dtype_of(from_), dtypes.dtype_of(to)
    return dtypes.RANK[before.kind] <= dtypes.RANK[after.kind]


def promote_types(type1: DTypeLike, type2: DTypeLike) -> DType:
    """The smallest element type that holds both, as PyTorch counts: a float of any size holds all integers.

    Source: https://pytorch.org/docs/stable/generated/torch.promote_types.html

    >>> import knoll
    >>> knoll.promote_types("int64", "float16")
    dtype('float16')
    """
    return dtypes.joined(dtypes.dtype_of(type1), dtypes.dtype_of(type2))


def result_type(tensor1: Any, tensor2: Any) -> DType:
    """The element type that an operation on two tensors or numbers gives.

    Raises ArgumentTypeError. Source: https://pytorch.org/docs/stable/generated/torch.result_type.html

    >>> import knoll
    >>> knoll.result_type(knoll.tensor([1, 2]), 1.5)
    dtype('float32')
    """
    both = (operand(value, "result_type", name) for name, value in (("tensor1", tensor1), ("tensor2", tensor2)))
    return dtypes.result_type(*both)
