"""Losses: one number that says how far results are from what they should be."""

from __future__ import annotations

from typing import Any

from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.nn.functional.losses import check_reduction, check_smoothing
from knoll.nn.module import Module
from knoll.tensor import Tensor


class MSELoss(Module):
    """The mean, sum or (with "none") each of the squared differences.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html

    >>> import numpy as np
    >>> MSELoss()(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    tensor(2., dtype=float64)
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = check_reduction(reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.mse_loss(input, target, self.reduction)


class L1Loss(Module):
    """The mean, sum or (with "none") each of the absolute differences.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html

    >>> import numpy as np
    >>> L1Loss()(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    tensor(1., dtype=float64)
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = check_reduction(reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.l1_loss(input, target, self.reduction)


class CrossEntropyLoss(Module):
    """Minus the logarithm of the probability that the scores give to the right class.

    Shapes: scores (n, classes), class numbers (n,) or class probabilities (n, classes); see
    `knoll.nn.functional.cross_entropy` for more. Scores are raw: no softmax before.

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

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.register_buffer("weight", weight if weight is None or isinstance(weight, Tensor) else Tensor(weight))
        self.ignore_index = ignore_index
        self.reduction = check_reduction(reduction)
        self.label_smoothing = check_smoothing(label_smoothing)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.cross_entropy(input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)
