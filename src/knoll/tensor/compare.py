"""Whether two tensors are the same, or nearly."""

from __future__ import annotations

import numpy as np

from knoll.errors import DTypeError
from knoll.ops.dtypes import scalar_name
from knoll.tensor.tensor import Tensor


def equal(a: Tensor, b: Tensor) -> bool:
    """Whether both have the same shape and the same elements.

    >>> from knoll.tensor import tensor
    >>> equal(tensor([1, 2]), tensor([1, 2]))
    True
    """
    return a.shape == b.shape and bool((a._numbers() == b._numbers()).all())


def allclose(a: Tensor, b: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether |a − b| ≤ atol + rtol × |b| for all elements.

    Raises DTypeError for tensors of two element types.
    Source: https://pytorch.org/docs/stable/generated/torch.allclose.html

    >>> from knoll.tensor import tensor
    >>> allclose(tensor([1.0]), tensor([1.000001]))
    True
    """
    if a.dtype != b.dtype:
        raise DTypeError(f"{scalar_name(a.dtype)} did not match {scalar_name(b.dtype)}")
    return bool(np.allclose(a._numbers(), b._numbers(), rtol, atol, equal_nan))
