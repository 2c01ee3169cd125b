"""Cross-entropy between scores and classes."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.arguments import Input
from knoll.nn.functional.cross_entropy import check_smoothing
from knoll.nn.layers.loss import WeightedLoss
from knoll.tensor import Tensor

__all__ = ["CrossEntropyLoss"]


class CrossEntropyLoss(WeightedLoss):
    """Cross-entropy between the softmax of raw scores (logits) and the classes: −log softmax(x)[class].

    The softmax is part of the loss: the network ends with a linear layer or a convolution, without softmax.

    Shapes: scores (n, classes) and class numbers (n,), integers from 0 to classes − 1, or class probabilities
    (n, classes); for images (n, classes, h, w) and (n, h, w), one class for each pixel. The result is one number, or of
    the shape of the class numbers with reduction="none".

    - `weight`: how much each class counts, (classes,); None counts all alike. The mean is then the weighted one.
    - `ignore_index`: samples with this class number count neither in the sum nor in the mean.
    - `reduction`: "mean" over all samples, "sum", or "none" for a loss for each.
    - `label_smoothing`: the part of the probability, from 0 to 1, that is spread evenly over all classes.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError, DTypeError and LabelError (a class number out of range) when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.CrossEntropyLoss()(knoll.zeros(1, 2), knoll.tensor([0]))
    tensor(0.6931)
    """

    label_smoothing: float

    def __init__(
        self,
        weight: Input | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = check_smoothing(label_smoothing)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )
