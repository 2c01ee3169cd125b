"""Losses with a margin between classes, and of several labels at once."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.nn import functional as F
from knoll.nn.functional.arguments import Input
from knoll.nn.functional.multi_margin import power_of
from knoll.nn.layers.loss import Loss, WeightedLoss
from knoll.tensor import Tensor

__all__ = ["MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss"]


class MultiMarginLoss(WeightedLoss):
    """Multi-class margin loss: Σ max(0, margin − x[right] + x[other])^p over the other classes, divided by all.

    It wants the score of the right class to be larger than every other by at least the margin.

    Shapes: scores (n, classes) and class numbers (n,), or (classes,) and one class number; the result is one number,
    or of the shape of the class numbers with reduction="none".

    - `p`: 1, or 2 to square what each class costs.
    - `margin`: how much larger; 1 unless given.
    - `weight`: how much each class counts where it is the right one, (classes,); None counts all alike.
    - `reduction`: "mean" over all samples, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ArgumentTypeError, ShapeError, DTypeError and StateError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.MultiMarginLoss()(knoll.tensor([[0.25, 1.0, 0.5, 0.0]]), knoll.tensor([1]))
    tensor(0.1875)
    """

    p: int
    margin: float

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Input | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        power_of(p)
        if self.weight is not None and self.weight.ndim != 1:
            raise ArgumentError(
                f"MultiMarginLoss: expected weight to be None or 1D tensor, got {self.weight.ndim}D instead"
            )
        self.p, self.margin = p, margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.multi_margin_loss(input, target, self.p, self.margin, self.weight, reduction=self.reduction)


class MultiLabelMarginLoss(Loss):
    """Multi-label margin loss: Σ max(0, 1 − x[right] + x[wrong]) over right and wrong classes, divided by all classes.

    It wants the scores of the right classes, of which a sample may have several, to be larger by 1 than all others.

    Shapes: scores (n, classes) and class numbers (n, classes), of which those of a sample end with −1; or both
    (classes,). The result is one number, or (n,) with reduction="none".

    - `reduction`: "mean" over all samples, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError, DTypeError and StateError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.MultiLabelMarginLoss()(knoll.tensor([[0.1, 0.2, 0.4, 0.8]]), knoll.tensor([[3, 0, -1, 1]]))
    tensor(0.8500)
    """

    def _is_pure(self, *_: Tensor) -> bool:
        """Always: it warns of nothing."""
        return True

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(WeightedLoss):
    """Multi-label soft margin loss: `BCEWithLogitsLoss`, its mean over the classes of each sample.

    Shapes: raw scores (…, classes) and targets of that shape, 0 or 1 for each class; the result is one number, or (…)
    with reduction="none".

    - `weight`: how much each class counts, (classes,); None counts all alike.
    - `reduction`: "mean" over all samples, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError, DTypeError and DimensionError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.MultiLabelSoftMarginLoss()(knoll.tensor([[0.0, 0.0]]), knoll.tensor([[1.0, 0.0]]))
    tensor(0.6931)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)
