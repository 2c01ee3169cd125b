"""The shape and element type of arrays.

Names of axes in the whole project: `n` images, `c` channels, `h` rows, `w` columns, `k` output
channels, `r`, `s` window rows and columns. `dx` is the gradient of `x`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

Shape = tuple[int, ...]
Array = np.ndarray[Any, Any]
DType = np.dtype[Any]

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


@dataclass(frozen=True)
class Spec:
    """The shape and the element type of an array.

    >>> Spec((2, 3, 32, 32), np.dtype("float32"))
    float32[2×3×32×32]
    """

    shape: Shape
    dtype: DType

    @cached_property
    def size(self) -> int:
        """How many elements."""
        return math.prod(self.shape)

    @property
    def rank(self) -> int:
        """How many axes."""
        return len(self.shape)

    @property
    def is_float(self) -> bool:
        """Whether a gradient can flow through it."""
        return self.dtype.kind == "f"

    def with_shape(self, *shape: int) -> Spec:
        """The same element type in another shape."""
        return Spec(shape, self.dtype)

    def __repr__(self) -> str:
        return f"{self.dtype}[{'×'.join(map(str, self.shape))}]"


def spec_of(array: Array) -> Spec:
    """The spec of an array."""
    return Spec(array.shape, array.dtype)
