"""How far numbers are from the numbers that they should be."""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

import warnings

from knoll.errors import ArgumentError, StateError
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.reductions import REDUCTIONS, check_holds_floats, in_type_of, reduced, reduction_of
from knoll.nn.typename import size_name
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.huber import huber
from knoll.tensor import Tensor, apply
from knoll.tensor.dtypes import joined

__all__ = ["huber_loss", "l1_loss", "mse_loss", "smooth_l1_loss"]


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
    x, y = _both(input, target, "mse_loss")
    _refuse_integers("mse_cpu", x, y)
    _check_reduction(reduction, weight)
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
    x, y = _both(input, target, "l1_loss")
    _check_reduction(reduction, weight)
    reduction = reduction_of(reduction, size_average, reduce)
    return _weighted((x - y).abs(), x, weight, reduction)


def smooth_l1_loss(
    input: Input,
    target: Input,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Smooth L1 loss: |x − target| − beta / 2, and (x − target)² / (2 · beta) where |x − target| is below `beta`.

    The arguments are those of `knoll.nn.SmoothL1Loss`.

    Shapes: any, the same for both; others broadcast, with PyTorch's warning. Raises ArgumentError, ShapeError,
    StateError. Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html;
    Girshick, Fast R-CNN, 2015.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.smooth_l1_loss(np.array([0.5, 3.0]), np.zeros(2), reduction="none")
    tensor([0.1250, 2.5000], dtype=float64)
    """
    x, y = _both(input, target, "smooth_l1_loss")
    reduction = reduction_of(reduction, size_average, reduce)
    beta = number(beta, "smooth_l1_loss", "beta", 4)
    if beta < 0:
        raise StateError("smooth_l1_loss does not support negative values for beta.", came=f"beta={beta}")
    if beta:
        _refuse_integers("smooth_l1_cpu", x, y)
    losses: Tensor = apply(huber, x - y, delta=float(beta), scale=1 / beta)[0] if beta else (x - y).abs()
    return reduced(losses, reduction)


def huber_loss(
    input: Input, target: Input, reduction: str = "mean", delta: float = 1.0, weight: Input | None = None
) -> Tensor:
    """Huber loss: half the squared difference up to `delta`, delta · (|x − target| − delta / 2) beyond.

    The arguments are those of `knoll.nn.HuberLoss`; `weight` says how much each element counts.

    Shapes: any, the same for both; others broadcast, with PyTorch's warning. Raises ArgumentError, ShapeError,
    StateError. Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.huber_loss(np.array([0.5, 3.0]), np.zeros(2), reduction="none", delta=2.0)
    tensor([0.1250, 4.0000], dtype=float64)
    """
    x, y = _both(input, target, "huber_loss")
    _check_reduction(reduction, weight)
    reduction = reduction_of(reduction)
    delta = number(delta, "huber_loss", "delta", 4)
    if delta <= 0:
        raise StateError("huber_loss does not support non-positive values for delta.", came=f"delta={delta}")
    _refuse_integers("huber_cpu", x, y)
    check_holds_floats(x, y)
    losses = in_type_of(x, apply(huber, x - y, delta=float(delta), scale=1.0)[0])
    return reduced(losses if weight is None else losses * _weights(weight, x), reduction)


def _both(input: Input, target: Input, function: str) -> tuple[Tensor, Tensor]:
    """Both as floating-point tensors; PyTorch's warning if their shapes differ."""
    x, y = tensor(input, function), tensor(target, function, "target", 2)
    if x.shape != y.shape:
        warnings.warn(
            f"Using a target size ({size_name(y.shape)}) that is different to the input size "
            f"({size_name(x.shape)}). This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
            stacklevel=3,
        )
    if x.dtype != y.dtype and not (x.shape and y.shape) and x.is_floating_point() and y.is_floating_point():
        dtype = joined(x.dtype, y.dtype)  # both broadcast before they meet, so that an axis more does not decide
        return x.to(dtype), y.to(dtype)
    return (x, y) if y.is_floating_point() or not x.is_floating_point() else (x, y.to(x.dtype))


def _refuse_integers(kernel: str, x: Tensor, y: Tensor) -> None:
    """Refuse two tensors of whole numbers, as the `kernel` of PyTorch does that would compute the loss."""
    if not x.is_floating_point() and not y.is_floating_point():
        refuse_dtype(kernel, joined(x.dtype, y.dtype))


def _check_reduction(reduction: str, weight: Input | None) -> None:
    """PyTorch has another sentence for a wrong reduction where there are weights."""
    if weight is not None and (not isinstance(reduction, str) or reduction not in REDUCTIONS):
        raise ArgumentError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")


def _weights(weight: Input, x: Tensor) -> Tensor:
    weights = tensor(weight, "loss", "weight", 3)
    if weights.shape != x.shape:
        raise ArgumentError(
            "Weights and input must have the same size.", expected=f"{x.shape}", came=f"{weights.shape}"
        )
    return weights


def _weighted(losses: Tensor, x: Tensor, weight: Input | None, reduction: str) -> Tensor:
    """The mean is over what the weights count together."""
    if weight is None:
        return reduced(losses, reduction)
    weights = _weights(weight, x)
    losses = losses * weights
    return losses.sum() / weights.sum() if reduction == "mean" else reduced(losses, reduction)
