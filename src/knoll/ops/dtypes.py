"""Element types in PyTorch's error sentences."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from knoll.errors import UnsupportedError
from knoll.messages import say

_SCALARS = {
    "float16": "Half", "float32": "Float", "float64": "Double", "int8": "Char", "uint8": "Byte", "int16": "Short",
    "int32": "Int", "int64": "Long", "bool": "Bool", "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip
_C_TYPES = {
    "float16": "c10::Half", "float32": "float", "float64": "double", "int8": "signed char", "uint8": "unsigned char",
    "int16": "short int", "int32": "int", "int64": "long int",
}  # fmt: skip


def scalar_name(dtype: np.dtype[Any]) -> str:
    """The name in sentences such as "got Double and Float".

    >>> scalar_name(np.dtype("int64"))
    'Long'
    """
    return _SCALARS.get(dtype.name, dtype.name)


def c_name(dtype: np.dtype[Any]) -> str:
    """The name in sentences such as "Input type (double)".

    >>> c_name(np.dtype("int64"))
    'long int'
    """
    return _C_TYPES.get(dtype.name, dtype.name)


def refuse_dtype(name: str, dtype: np.dtype[Any]) -> NoReturn:
    """Raise UnsupportedError: the operation that PyTorch calls `name` does not take this element type.

    >>> refuse_dtype("glu_cpu", np.dtype("int64"))
    Traceback (most recent call last):
    knoll.errors.UnsupportedError: "glu_cpu" not implemented for 'Long'
      try: convert the input once, as in x.to(knoll.float32), or build the layer with the input's dtype
    """
    raise UnsupportedError(
        f"\"{name}\" not implemented for '{scalar_name(dtype)}'", advice=say("ops.same_dtype", dtype="float32")
    )
