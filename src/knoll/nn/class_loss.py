"""Losses over classes: how far scores are from the right class."""

from __future__ import annotations

import warnings
from typing import Any

from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.nn.functional.class_losses import check_smoothing
from knoll.nn.loss import Loss, buffer
from knoll.tensor import Tensor

__all__ = ["CrossEntropyLoss", "NLLLoss", "NLLLoss2d"]


class CrossEntropyLoss(Loss):
    """Minus the logarithm of the probability that the scores give to the right class.

    Shapes: scores (n, classes), class numbers (n,) or class probabilities (n, classes); images of scores
    (n, classes, h, w), images of class numbers (n, h, w); see `knoll.nn.functional.cross_entropy` for more. Scores are
    raw: no softmax before.

    - `weight`: how much each class counts.
    - `ignore_index`: samples with this class number do not count.
    - `reduction`: "mean", "sum" or "none".
    - `label_smoothing`: the share of the probability that is spread over all classes.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html

    >>> import numpy as np
    >>> CrossEntropyLoss()(np.zeros((1, 2)), np.array([0]))
    tensor(0.6931, dtype=float64)
    """

    weight: Tensor | None
    label_smoothing: float

    def __init__(
        self,
        weight: Any = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", buffer(weight))
        self.ignore_index = ignore_index
        self.label_smoothing = check_smoothing(label_smoothing)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(Loss):
    """Minus the logarithm of the probability of the right class, given the logarithms as `LogSoftmax` makes them.

    Shapes and arguments as those of `CrossEntropyLoss`.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html

    >>> import numpy as np
    >>> NLLLoss()(np.log([[0.5, 0.5]]), np.array([0]))
    tensor(0.6931, dtype=float64)
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", buffer(weight))
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class NLLLoss2d(NLLLoss):
    """`NLLLoss` by the name that it had for images; PyTorch warns of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            "`NLLLoss2d` has been deprecated. Please use `NLLLoss` instead as a drop-in replacement and see "
            "https://pytorch.org/docs/main/nn.html#torch.nn.NLLLoss for more details.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__(*args, **kwargs)
