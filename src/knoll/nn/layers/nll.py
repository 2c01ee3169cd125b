"""Negative log-likelihood of classes."""

from __future__ import annotations

from typing import Any

from knoll.errors import warn
from knoll.nn import functional as F
from knoll.nn.functional.arguments import Input
from knoll.nn.layers.loss import WeightedLoss
from knoll.tensor import Tensor

__all__ = ["NLLLoss", "NLLLoss2d"]


class NLLLoss(WeightedLoss):
    """Negative log-likelihood of the classes, given log-probabilities as `LogSoftmax` makes them: −x[class].

    `CrossEntropyLoss` is this behind `LogSoftmax`.

    Shapes: log-probabilities (n, classes) and class numbers (n,), or (n, classes, h, w) and (n, h, w).

    - `weight`: how much each class counts, (classes,); None counts all alike. The mean is then the weighted one.
    - `ignore_index`: samples with this class number count neither in the sum nor in the mean.
    - `reduction`: "mean" over all samples, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError, DTypeError and LabelError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.NLLLoss()(knoll.tensor([[0.5, 0.5]]).log(), knoll.tensor([0]))
    tensor(0.6931)
    """

    def __init__(
        self,
        weight: Input | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class NLLLoss2d(NLLLoss):
    """Negative log-likelihood over images: `NLLLoss` by an older name, of which PyTorch warns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warn(
            "`NLLLoss2d` has been deprecated. Please use `NLLLoss` instead as a drop-in replacement and see "
            "https://pytorch.org/docs/main/nn.html#torch.nn.NLLLoss for more details.",
            FutureWarning,
        )
        super().__init__(*args, **kwargs)
