"""Whether two tensors are the same, or nearly."""

from __future__ import annotations

import numpy as np

from knoll.errors import DTypeError, StateError
from knoll.ops.dtypes import scalar_name
from knoll.ops.elementwise import broadcast
from knoll.tensor.arguments import public
from knoll.tensor.base import T

__all__ = ["allclose", "equal"]


@public("equal")
def equal(x: T, other: T) -> bool:
    """Whether both have the same shape and the same elements.

    >>> import knoll
    >>> knoll.equal(knoll.tensor([1, 2]), knoll.tensor([1, 2]))
    True
    """
    return x.shape == other.shape and bool((x._realize() == other._realize()).all())


@public("allclose")
def allclose(x: T, other: T, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether |x − other| ≤ atol + rtol × |other| for all elements.

    Raises DTypeError for tensors of two element types.
    Source: https://pytorch.org/docs/stable/generated/torch.allclose.html

    >>> import knoll
    >>> knoll.allclose(knoll.tensor([1.0]), knoll.tensor([1.000001]))
    True
    """
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not value >= 0:
            raise StateError(f"{name} must be greater than or equal to zero, but got {value}")
    if x.dtype != other.dtype:
        raise DTypeError(f"{scalar_name(x.dtype)} did not match {scalar_name(other.dtype)}")
    broadcast(x.shape, other.shape)
    return bool(np.allclose(x._realize(), other._realize(), rtol, atol, equal_nan))
