"""From a loss for each element to one number: the mean, the sum, or no reduction at all."""

from __future__ import annotations

from knoll.errors import ArgumentError, DTypeError, warn
from knoll.ops.dtypes import scalar_name
from knoll.tensor import Tensor
from knoll.tensor.arguments import truthy
from knoll.tensor.dtypes import floating

REDUCTIONS = ("mean", "sum", "none")


def reduction_of(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """The reduction that is meant, also by the two arguments that PyTorch had before, of which it warns."""
    if size_average is not None or reduce is not None:
        mean = size_average is None or truthy(size_average, "loss", "size_average")
        keeps = reduce is not None and not truthy(reduce, "loss", "reduce")
        reduction = "none" if keeps else "mean" if mean else "sum"
        warn(f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.")
    if isinstance(reduction, str) and reduction == "elementwise_mean":
        warn("reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.")
        return "mean"
    return check_reduction(reduction)


def check_reduction(reduction: str, *more: str) -> str:
    """Refuse a reduction that there is not."""
    if not isinstance(reduction, str) or reduction not in (*REDUCTIONS, *more):
        raise ArgumentError(
            f"{reduction} is not a valid value for reduction", expected=", ".join(map(repr, (*REDUCTIONS, *more)))
        )
    return reduction


def reduced(losses: Tensor, reduction: str) -> Tensor:
    """All losses as one number, unless they are wanted as they are."""
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def in_type_of(x: Tensor, losses: Tensor) -> Tensor:
    """The losses in the element type of x, where PyTorch writes them to a tensor like it."""
    return losses if losses.dtype == x.dtype else losses.to(x.dtype)


def check_holds_floats(x: Tensor, target: Tensor) -> None:
    """Refuse an x whose element type cannot hold the losses."""
    if not x.is_floating_point():
        got, wanted = scalar_name(floating(target)), scalar_name(x.dtype)
        raise DTypeError(f"result type {got} can't be cast to the desired output type {wanted}")
