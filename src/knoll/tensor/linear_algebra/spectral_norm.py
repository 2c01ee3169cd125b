"""Norms of matrices by their singular values."""

from __future__ import annotations

from typing import Literal

from knoll.errors import DTypeError, StateError
from knoll.ops.dtypes import scalar_name
from knoll.tensor.arguments import Dims
from knoll.tensor.base import T, TensorBase
from knoll.tensor.linear_algebra.matrices import svdvals
from knoll.tensor.reduction.extremes import amax, amin
from knoll.tensor.reduction.reduce import axes_of, sum_
from knoll.tensor.shapes.rearrange import movedim
from knoll.tensor.shapes.shaping import front, unsqueeze


def matrix_axes(x: TensorBase, dim: Dims) -> tuple[int, int]:
    """The axes of the rows and of the columns of matrices. Raises StateError."""
    given = dim if isinstance(dim, (tuple, list)) else ()
    if len(given) == 2 and front(given[0], len(x.shape)) == front(given[1], len(x.shape)):
        raise StateError(f"linalg.matrix_norm: dims must be different. Got ({given[0]}, {given[1]})")
    axes = axes_of(x, dim)
    if len(axes) != 2:
        raise StateError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, axes))}")
    return axes[0], axes[1]


def spectral_norm(x: T, order: Literal["nuc", 2, -2], axes: tuple[int, int], keepdim: bool) -> T:
    """The sum of the singular values ("nuc"), the largest (2), or the smallest (−2). Raises DTypeError."""
    if x._dtype.kind != "f":
        raise DTypeError(
            "linalg.matrix_norm: Expected a floating point or complex tensor as input. Got " + scalar_name(x._dtype)
        )
    if x._dtype.itemsize < 4:
        raise DTypeError(f"linalg.matrix_norm: Low precision dtypes not supported. Got {scalar_name(x._dtype)}")
    values = svdvals(movedim(x, axes, (-2, -1)))
    if order == "nuc" or (order > 0 and not values.shape[-1]):
        found = sum_(values, -1)
    else:
        found = (amax if order > 0 else amin)(values, -1)
    for axis in sorted(axes) if keepdim else ():
        found = unsqueeze(found, axis)
    return found
