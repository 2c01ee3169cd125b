"""What NumPy adds up and multiplies, in an element type with room for it: halves in single precision, rounded once.

A sum of halves in half precision stands still at 2048 ones, and is infinite from 65520 on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.graph.spec import DType

_INT64, _FLOAT32 = np.dtype(np.int64), np.dtype(np.float32)


def wide(dtype: DType) -> DType:
    """The element type in which numbers of another are added up and multiplied.

    >>> wide(np.dtype("bool")), wide(np.dtype("float16")), wide(np.dtype("float64"))
    (dtype('int64'), dtype('float32'), dtype('float64'))
    """
    if dtype.kind != "f":
        return _INT64
    return _FLOAT32 if dtype.itemsize == 2 else dtype


def total_type(dtype: DType) -> DType:
    """The element type of sums and products: that of floats, int64 of integers and truths.

    >>> total_type(np.dtype("bool")), total_type(np.dtype("float16"))
    (dtype('int64'), dtype('float16'))
    """
    return dtype if dtype.kind == "f" else _INT64


def add_at(target: Array, places: Any, numbers: Array) -> None:
    """Add numbers to the elements of a target at places, each as often as it is named.

    >>> counts = np.zeros(2, np.float16)
    >>> add_at(counts, np.zeros(4096, int), np.ones(4096, np.float16))
    >>> print(counts.tolist())
    [4096.0, 0.0]
    """
    room = target if target.itemsize > 2 or target.dtype.kind != "f" else target.astype(_FLOAT32)
    np.add.at(room, places, numbers)
    if room is not target:
        target[...] = room
