"""From a loss for each element to one number: the mean, the sum, or no reduction at all."""

from __future__ import annotations

import warnings
from typing import Any

from knoll.errors import ArgumentError
from knoll.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")


def reduction_of(reduction: str, size_average: Any = None, reduce: Any = None) -> str:
    """The reduction that is meant, also by the two arguments that PyTorch had before, of which it warns."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is not None and not reduce else "mean" if size_average in (None, True) else "sum"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
            stacklevel=3,
        )
    if reduction == "elementwise_mean":
        warnings.warn("reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.", stacklevel=3)
        return "mean"
    return check_reduction(reduction)


def check_reduction(reduction: str, *more: str) -> str:
    """Refuse a reduction that there is not."""
    if reduction not in (*REDUCTIONS, *more):
        raise ArgumentError(
            f"{reduction} is not a valid value for reduction", expected=", ".join(map(repr, (*REDUCTIONS, *more)))
        )
    return reduction


def reduced(losses: Tensor, reduction: str) -> Tensor:
    """All losses as one number, unless they are wanted as they are."""
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()
