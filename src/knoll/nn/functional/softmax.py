"""Softmax along one axis, softmin and the logarithm of softmax."""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

import warnings
from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import DTypeError
from knoll.nn.functional.arguments import Input, tensor
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer

__all__ = ["log_softmax", "softmax", "softmin"]


def softmax(input: Input, dim: int | None = None, _stacklevel: int = 3, dtype: DTypeLike | None = None) -> Tensor:
    """Softmax along one axis: exp(x) divided by its sum along `dim`, so that the results are positive and sum to 1.

    It is computed in `dtype` if that is given. Without `dim` PyTorch guesses an axis, and warns.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.softmax(np.array([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000], dtype=float64)
    """
    x = tensor(input, "softmax")
    return x.softmax(_axis("softmax", x, dim, _stacklevel), dtype)


def softmin(input: Input, dim: int | None = None, _stacklevel: int = 3, dtype: DTypeLike | None = None) -> Tensor:
    """Softmin along one axis: the softmax of −x, so that the smallest element has the largest result.

    It is computed in `dtype` if that is given. Without `dim` PyTorch guesses an axis, and warns.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.softmin(np.array([0.0, 1000.0]), dim=0)
    tensor([1., 0.], dtype=float64)
    """
    x = tensor(input, "softmin")
    if x.dtype.kind == "b":
        raise DTypeError(
            "Negation, the `-` operator, on a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return (-x).softmax(_axis("softmin", x, dim, _stacklevel), dtype)


def log_softmax(input: Input, dim: int | None = None, _stacklevel: int = 3, dtype: DTypeLike | None = None) -> Tensor:
    """Logarithm of the softmax along one axis, computed without overflow.

    It is computed in `dtype` if that is given. Without `dim` PyTorch guesses an axis, and warns.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.log_softmax(np.array([0.0, 1000.0]), dim=0)
    tensor([-1000.,     0.], dtype=float64)
    """
    x = tensor(input, "log_softmax")
    return x.log_softmax(_axis("log_softmax", x, dim, _stacklevel), dtype)


def _axis(name: str, x: Tensor, dim: Any, stacklevel: int) -> int:
    """`dim`; without one what PyTorch takes: the axis of the classes in rows and images, not of a single image."""
    if dim is not None:
        return integer(dim, name.replace("softmin", "softmax"), "dim", 1)
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=integer(stacklevel, name, "_stacklevel") + 1,
    )
    return 0 if len(x.shape) in (0, 1, 3) else 1
