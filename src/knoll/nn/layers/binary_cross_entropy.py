"""Losses of two classes: binary cross-entropy and soft margin."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.arguments import Input
from knoll.nn.layers.loss import Loss, WeightedLoss, buffer
from knoll.tensor import Tensor

__all__ = ["BCELoss", "BCEWithLogitsLoss", "SoftMarginLoss"]


class BCELoss(WeightedLoss):
    """Binary cross-entropy between probabilities and targets from 0 to 1: −t · log x − (1 − t) · log(1 − x).

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".
    Logarithms are no lower than −100. `BCEWithLogitsLoss` takes raw scores, and is accurate for large ones.

    - `weight`: how much each element counts; it broadcasts, and None counts all alike.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.BCELoss()(knoll.tensor([0.5, 0.5]), knoll.tensor([1.0, 0.0]))
    tensor(0.6931)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """Binary cross-entropy between the sigmoid of raw scores (logits) and targets from 0 to 1, without overflow.

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".

    - `weight`: how much each element counts; it broadcasts, and None counts all alike.
    - `pos_weight`: how much a target of 1 counts more than one of 0; it broadcasts, and None is 1.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.BCEWithLogitsLoss()(knoll.tensor([0.0, 1000.0]), knoll.tensor([1.0, 1.0]))
    tensor(0.3466)
    """

    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Input | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Input | None = None,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", buffer(pos_weight))

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class SoftMarginLoss(Loss):
    """Soft margin loss for two classes: log(1 + exp(−t · x)) for targets t of −1 and 1, without overflow.

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".

    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.SoftMarginLoss()(knoll.tensor([0.0]), knoll.tensor([1.0]))
    tensor(0.6931)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)
