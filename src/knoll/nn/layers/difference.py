"""Losses of differences: squared and absolute error."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.layers.loss import Loss
from knoll.tensor import Tensor

__all__ = ["L1Loss", "MSELoss"]


class MSELoss(Loss):
    """Mean squared error: (x − target)², its mean over all elements.

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".

    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.MSELoss()(knoll.tensor([1.0, 2.0]), knoll.tensor([1.0, 4.0]))
    tensor(2.)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """Mean absolute error: |x − target|, its mean over all elements.

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".

    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.L1Loss()(knoll.tensor([1.0, 2.0]), knoll.tensor([1.0, 4.0]))
    tensor(1.)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.l1_loss(input, target, reduction=self.reduction)
