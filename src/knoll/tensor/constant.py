"""Numbers as tensors: the operand 2 of `x * 2` is one tensor wherever it stands.

So a recording of it is the same again. Only operations see them; nothing gives one back.
"""

from __future__ import annotations

from functools import lru_cache
from math import copysign

import numpy as np

from knoll.graph.spec import DType
from knoll.tensor.base import TensorBase
from knoll.tensor.storage.memory import Memory


class Constant(Memory):
    """The memory of a number, which is never written."""


def constant(number: bool | int | float | np.generic, dtype: DType) -> TensorBase:
    """A number as a tensor of an element type that holds it.

    >>> from knoll.tensor.dtypes import float32
    >>> constant(2, float32) is constant(2, float32)
    True
    """
    return _constant(number, type(number).__name__, copysign(1, float(number)), dtype)


@lru_cache(maxsize=1024)
def _constant(number: bool | int | float | np.generic, kind: str, sign: float, dtype: DType) -> TensorBase:
    """One for each number: 1 is another than True, and 0.0 than −0.0."""
    del kind, sign
    array = np.array(number, dtype) if dtype.kind == "f" else np.asarray(number).astype(dtype)
    array.flags.writeable = False
    return TensorBase._over(array, Constant())
