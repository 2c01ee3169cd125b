"""The same bits as numbers of another type, as `x.view(dtype)` of NumPy and PyTorch."""

from __future__ import annotations

import numpy as np

from knoll.errors import ShapeError, StateError
from knoll.graph import Array, Op, Spec
from knoll.graph.batching_rules import directly
from knoll.graph.spec import DType
from knoll.ops.dtypes import scalar_name


def change(x: DType, to: DType) -> str:
    """The end of PyTorch's sentences about element types of different sizes.

    >>> change(np.dtype("float32"), np.dtype("float64"))
    'to view Float as Double (different element sizes)'
    """
    return f"to view {scalar_name(x)} as {scalar_name(to)} (different element sizes)"


def reinterpret_shape(x: Spec, *, dtype: str) -> tuple[Spec]:
    """The last axis has more elements of a smaller type, fewer of a larger one."""
    to = np.dtype(dtype)
    if to.itemsize == x.dtype.itemsize:
        return (Spec(x.shape, to),)
    if not x.shape:
        raise StateError(f"self.dim() cannot be 0 {change(x.dtype, to)}")
    length = x.shape[-1] * x.dtype.itemsize
    if length % to.itemsize:
        times = to.itemsize // x.dtype.itemsize
        raise ShapeError(f"self.size(-1) must be divisible by {times} {change(x.dtype, to)}, but got {x.shape[-1]}")
    return (Spec((*x.shape[:-1], length // to.itemsize), to),)


def reinterpret_meaning(x: Array, *, dtype: str) -> tuple[Array]:
    """The bits of the elements in reading order."""
    return (np.ascontiguousarray(x).view(dtype) if x.shape else x.view(dtype),)


reinterpret: Op = Op("reinterpret", reinterpret_shape, reinterpret_meaning, is_view=True, batching=directly)
