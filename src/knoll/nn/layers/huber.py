"""Losses that square small differences and take the absolute value of large ones."""

from __future__ import annotations

from knoll.errors import ArgumentTypeError
from knoll.nn import functional as F
from knoll.nn.layers.loss import Loss
from knoll.tensor import Tensor

__all__ = ["HuberLoss", "SmoothL1Loss"]


class SmoothL1Loss(Loss):
    """Smooth L1 loss: |x − target| − beta / 2, and (x − target)² / (2 · beta) where |x − target| is below `beta`.

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".

    - `beta`: the difference at which the parabola becomes a line; 1 unless given, 0 makes this `L1Loss`.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; StateError (beta is negative), ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html; Girshick, Fast R-CNN, 2015.

    >>> import knoll
    >>> from knoll import nn
    >>> nn.SmoothL1Loss()(knoll.tensor([0.5, 3.0]), knoll.zeros(2))
    tensor(1.3125)
    """

    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", beta: float = 1.0
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """Huber loss: half the squared difference up to `delta`, delta · (|x − target| − delta / 2) beyond.

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".

    - `delta`: the difference at which the parabola becomes a line, positive; 1 unless given.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.

    Raises ArgumentError, ArgumentTypeError; StateError (delta is not positive), ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html; Huber, Robust estimation of a
    location parameter, 1964.

    >>> import knoll
    >>> from knoll import nn
    >>> nn.HuberLoss(delta=2.0)(knoll.tensor([0.5, 3.0]), knoll.zeros(2))
    tensor(2.0625)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        if not isinstance(delta, (int, float)):
            raise ArgumentTypeError(f"delta must be a float or int, got: {type(delta)}")
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.huber_loss(input, target, self.reduction, self.delta)
