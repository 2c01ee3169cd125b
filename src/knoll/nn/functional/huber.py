"""Huber's loss and smooth L1 as functions."""

from __future__ import annotations

from knoll.errors import StateError
from knoll.nn.functional.arguments import Input, number
from knoll.nn.functional.difference import check_weighted_reduction, float_pair, loss_weights, refuse_integers
from knoll.nn.functional.loss_reduction import check_holds_floats, in_type_of, reduced, reduction_of
from knoll.ops.loss.huber import huber
from knoll.tensor import Tensor, apply

__all__ = ["huber_loss", "smooth_l1_loss"]


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
    x, y = float_pair(input, target, "smooth_l1_loss")
    reduction = reduction_of(reduction, size_average, reduce)
    beta = number(beta, "smooth_l1_loss", "beta", 4)
    if beta < 0:
        raise StateError("smooth_l1_loss does not support negative values for beta.", got=f"beta={beta}")
    if beta:
        refuse_integers("smooth_l1_cpu", x, y)
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
    x, y = float_pair(input, target, "huber_loss")
    check_weighted_reduction(reduction, weight)
    reduction = reduction_of(reduction)
    delta = number(delta, "huber_loss", "delta", 4)
    if delta <= 0:
        raise StateError("huber_loss does not support non-positive values for delta.", got=f"delta={delta}")
    refuse_integers("huber_cpu", x, y)
    check_holds_floats(x, y)
    losses = in_type_of(x, apply(huber, x - y, delta=float(delta), scale=1.0)[0])
    return reduced(losses if weight is None else losses * loss_weights(weight, x), reduction)
