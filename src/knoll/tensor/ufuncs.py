"""NumPy's own functions of tensors, as `numpy.sqrt(x)` and `numpy.add(x, 1)`.

As in PyTorch, NumPy computes with the numbers of the tensors, without gradient and by its own rules of element types,
and the result is a tensor. An operator between an array and a tensor is the tensor's operator, which has a gradient.
Source: https://numpy.org/doc/stable/user/basics.interoperability.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.tensor.base import T, TensorBase
from knoll.tensor.conversion import readable
from knoll.tensor.dtypes import bool_, dtype_of, uint8

# What Python asks the tensor behind an operator for where an array stands before it.
_REFLECTED = {
    np.add: "__radd__", np.subtract: "__rsub__", np.multiply: "__rmul__", np.true_divide: "__rtruediv__",
    np.floor_divide: "__rfloordiv__", np.remainder: "__rmod__", np.power: "__rpow__", np.matmul: "__rmatmul__",
    np.bitwise_and: "__rand__", np.bitwise_or: "__ror__", np.bitwise_xor: "__rxor__", np.less: "__gt__",
    np.less_equal: "__ge__", np.greater: "__lt__", np.greater_equal: "__le__", np.equal: "__eq__",
    np.not_equal: "__ne__", np.left_shift: "__rlshift__", np.right_shift: "__rrshift__",
}  # fmt: skip


def array_ufunc(x: TensorBase, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """What a ufunc, or a `method` of one such as "reduce", gives where some of its arguments are tensors.

    Raises ArgumentTypeError for a tensor as `out`, StateError for one that requires grad.

    >>> from knoll.tensor import tensor
    >>> np.sqrt(tensor([1.0, 4.0])), np.maximum(tensor([1.0, 4.0]), 2)
    (tensor([1., 2.]), tensor([2., 4.]))
    """
    if method == "__call__" and not options and isinstance(inputs[0], (np.ndarray, np.generic)) and ufunc in _REFLECTED:
        return getattr(x, _REFLECTED[ufunc])(inputs[0])
    given = options.get("out", (None,) * ufunc.nout)
    if any(isinstance(each, TensorBase) for each in given):
        raise ArgumentTypeError("return arrays must be of ArrayType", advice=say("tensor.out_array"))
    if method == "at" and isinstance(inputs[0], TensorBase):
        raise ArgumentTypeError("first operand must be array", advice=say("tensor.out_array"))
    arrays = {name: _numbers(value) for name, value in options.items()}
    results = getattr(ufunc, method)(*map(_numbers, inputs), **arrays)
    if method in ("at", "outer"):
        return results
    if not isinstance(results, tuple):
        return results if given[0] is not None else array_wrap(x, results)
    return tuple(r if room is not None else array_wrap(x, r) for r, room in zip(results, given, strict=True))


def array_wrap(x: T, array: Any, _context: Any = None, _return_scalar: bool = False) -> T:
    """A tensor of what NumPy has made of the numbers of x; truths become uint8, as in PyTorch."""
    array = np.asarray(array)
    return x._over(array.astype(uint8 if array.dtype == bool_ else dtype_of(array.dtype), copy=False))


def _numbers(value: Any) -> Any:
    return readable(value) if isinstance(value, TensorBase) else value
