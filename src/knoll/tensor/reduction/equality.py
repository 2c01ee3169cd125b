"""Whether two tensors are the same, or nearly."""

from __future__ import annotations

from knoll.tensor.arguments import public
from knoll.tensor.base import T
from knoll.tensor.elementwise.predicates import isclose

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

    Raises DTypeError for tensors of two element types, StateError for negative tolerances.
    Source: https://pytorch.org/docs/stable/generated/torch.allclose.html

    >>> import knoll
    >>> knoll.allclose(knoll.tensor([1.0]), knoll.tensor([1.000001]))
    True
    """
    return bool(isclose(x, other, rtol, atol, equal_nan)._realize().all())
