"""Losses of differences as functions: squared and absolute error."""

from __future__ import annotations

from knoll.errors import ArgumentError, warn
from knoll.graph.shapes import size_name
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.loss_reduction import REDUCTIONS, reduced, reduction_of
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor import Tensor
from knoll.tensor.dtypes import joined

__all__ = ["l1_loss", "mse_loss"]


def mse_loss(
    input: Input,
    target: Input,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Input | None = None,
) -> Tensor:
    """Mean squared error: (x − target)², its mean or sum over all elements; with `weight`, the weighted one.

    The arguments are those of `knoll.nn.MSELoss`.

    Shapes: any, the same for both; others broadcast, with PyTorch's warning. Raises ArgumentError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    tensor(2., dtype=float64)
    """
    x, y = float_pair(input, target, "mse_loss")
    refuse_integers("mse_cpu", x, y)
    check_weighted_reduction(reduction, weight)
    reduction = reduction_of(reduction, size_average, reduce)
    return _weighted((x - y).square(), x, weight, reduction)


def l1_loss(
    input: Input,
    target: Input,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Input | None = None,
) -> Tensor:
    """Mean absolute error: |x − target|, its mean or sum over all elements; with `weight`, the weighted one.

    The arguments are those of `knoll.nn.L1Loss`.

    Shapes: any, the same for both; others broadcast, with PyTorch's warning. Raises ArgumentError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.l1_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    tensor(1., dtype=float64)
    """
    x, y = float_pair(input, target, "l1_loss")
    check_weighted_reduction(reduction, weight)
    reduction = reduction_of(reduction, size_average, reduce)
    return _weighted((x - y).abs(), x, weight, reduction)


def float_pair(input: Input, target: Input, function: str) -> tuple[Tensor, Tensor]:
    """Both as floating-point tensors; PyTorch's warning if their shapes differ."""
    x, y = tensor(input, function), tensor(target, function, "target", 2)
    if x.shape != y.shape:
        warn(
            f"Using a target size ({size_name(y.shape)}) that is different to the input size "
            f"({size_name(x.shape)}). This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size."
        )
    if x.dtype != y.dtype and not (x.shape and y.shape) and x.is_floating_point() and y.is_floating_point():
        dtype = joined(x.dtype, y.dtype)  # both broadcast before they meet, so that an axis more does not decide
        return x.to(dtype), y.to(dtype)
    return (x, y) if y.is_floating_point() or not x.is_floating_point() else (x, y.to(x.dtype))


def refuse_integers(kernel: str, x: Tensor, y: Tensor) -> None:
    """Refuse two tensors of whole numbers, as the `kernel` of PyTorch does that would compute the loss."""
    if not x.is_floating_point() and not y.is_floating_point():
        refuse_dtype(kernel, joined(x.dtype, y.dtype))


def check_weighted_reduction(reduction: str, weight: Input | None) -> None:
    """PyTorch has another sentence for a wrong reduction where there are weights."""
    if weight is not None and (not isinstance(reduction, str) or reduction not in REDUCTIONS):
        raise ArgumentError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")


def loss_weights(weight: Input, x: Tensor) -> Tensor:
    weights = tensor(weight, "loss", "weight", 3)
    if weights.shape != x.shape:
        raise ArgumentError("Weights and input must have the same size.", expected=f"{x.shape}", got=f"{weights.shape}")
    return weights


def _weighted(losses: Tensor, x: Tensor, weight: Input | None, reduction: str) -> Tensor:
    """The mean is over what the weights count together."""
    if weight is None:
        return reduced(losses, reduction)
    weights = loss_weights(weight, x)
    losses = losses * weights
    return losses.sum() / weights.sum() if reduction == "mean" else reduced(losses, reduction)
