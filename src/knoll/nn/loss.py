"""Losses over numbers: how far results are from what they should be."""

from __future__ import annotations

from knoll.errors import ArgumentTypeError, StateError
from knoll.messages import say
from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.nn.functional.arguments import Input
from knoll.nn.functional.reductions import check_reduction, reduction_of
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "GaussianNLLLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
]


class Loss(Module):
    """What most losses have: the mean, the sum or (with "none") each of the losses.

    `size_average` and `reduce` are what PyTorch had before `reduction`; it warns of them.
    """

    _is_loss = True
    reduction: str

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        if isinstance(size_average, Tensor) or isinstance(reduce, Tensor):
            raise StateError(
                "Boolean value of Tensor with more than one value is ambiguous",
                advice=say("nn.loss_to_call", name=type(self).__name__),
            )
        super().__init__()
        self.reduction = reduction_of(reduction, size_average, reduce)


def buffer(weight: Input | None) -> Tensor | None:
    """Weights as a tensor that a module remembers."""
    return weight if weight is None or isinstance(weight, Tensor) else Tensor._holding(weight)


class MSELoss(Loss):
    """The mean, sum or (with "none") each of the squared differences.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.MSELoss()(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    tensor(2., dtype=float64)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """The mean, sum or (with "none") each of the absolute differences.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.L1Loss()(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    tensor(1., dtype=float64)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """The absolute difference less beta / 2; below `beta` a parabola instead, so that there is no corner at zero.

    Raises ArgumentError; StateError when called with a negative beta.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.SmoothL1Loss()(np.array([0.5, 3.0]), np.zeros(2))
    tensor(1.3125, dtype=float64)
    """

    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", beta: float = 1.0
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """Half the squared difference up to `delta`, delta times the absolute difference (less delta / 2) from there on.

    Raises ArgumentError, ArgumentTypeError; StateError when called with a delta that is not positive.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.HuberLoss(delta=2.0)(np.array([0.5, 3.0]), np.zeros(2))
    tensor(2.0625, dtype=float64)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        if not isinstance(delta, (int, float)):
            raise ArgumentTypeError(f"delta must be a float or int, got: {type(delta)}")
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.huber_loss(input, target, self.reduction, self.delta)


class BCELoss(Loss):
    """Minus the logarithm of the probability that is given to the truth, a number between 0 and 1.

    Shapes: any, the same for both; `weight` broadcasts. Logarithms are no lower than −100.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.BCELoss()(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    tensor(0.6931, dtype=float64)
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Input | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", buffer(weight))

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Loss):
    """The binary cross entropy of the sigmoid of scores, without overflow.

    Shapes: any, the same for both; `weight` and `pos_weight` (how much a truth of 1 counts) broadcast.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.BCEWithLogitsLoss()(np.array([0.0, 1000.0]), np.array([1.0, 1.0]))
    tensor(0.3466, dtype=float64)
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Input | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Input | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", buffer(weight))
        self.register_buffer("pos_weight", buffer(pos_weight))

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class SoftMarginLoss(Loss):
    """The logarithm of 1 + exp(−t · x) for truths of −1 and 1, without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class KLDivLoss(Loss):
    """How much is lost by taking the distribution exp(x) for the distribution t; see `functional.kl_div`.

    `reduction` may also be "batchmean", the mathematical divergence.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
    """

    reduction: str

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        batchmean = size_average is None and reduce is None and check_reduction(reduction, "batchmean") == "batchmean"
        super().__init__(size_average, reduce, "mean" if batchmean else reduction)
        self.reduction = "batchmean" if batchmean else self.reduction
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class GaussianNLLLoss(Loss):
    """Minus the logarithm of the normal density at the target; see `functional.gaussian_nll_loss`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(None, None, reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Input) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


class PoissonNLLLoss(Loss):
    """Minus the logarithm of the probability of a count; see `functional.poisson_nll_loss`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.poisson_nll_loss(log_input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction)
