"""Losses of distributions: Kullback–Leibler divergence, Gaussian and Poisson likelihood."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.arguments import Input
from knoll.nn.functional.loss_reduction import check_reduction
from knoll.nn.layers.loss import Loss
from knoll.tensor import Tensor

__all__ = ["GaussianNLLLoss", "KLDivLoss", "PoissonNLLLoss"]


class KLDivLoss(Loss):
    """Kullback–Leibler divergence of the distribution exp(x) from the target t: t · (log t − x).

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".
    The divergence of distributions along the last axes is what "batchmean" gives; "mean" divides by all elements.

    - `log_target`: whether the target is given as logarithms.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each, or
      "batchmean", the sum divided by n.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.KLDivLoss(reduction="batchmean")(knoll.tensor([[0.5, 0.5]]).log(), knoll.tensor([[1.0, 0.0]]))
    tensor(0.6931)
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

    def _is_pure(self, *inputs: Tensor) -> bool:
        """Whether it does not warn of the mean, either."""
        return super()._is_pure(*inputs) and self.reduction != "mean"

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class GaussianNLLLoss(Loss):
    """Gaussian negative log-likelihood: of the target under a normal distribution with mean x and a given variance.

    (log variance + (x − target)² / variance) / 2, called as loss(x, target, variance).

    Shapes: any, the same for input and target; the variance likewise, or without the last axis, or with 1 in
    place of one axis, or a number.

    - `full`: whether the constant log(2π) / 2 is added.
    - `eps`: the least variance; smaller ones are raised to it.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.

    Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.GaussianNLLLoss()(knoll.tensor([1.0]), knoll.tensor([3.0]), knoll.tensor([4.0]))
    tensor(1.1931)
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(None, None, reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Input) -> Tensor:
        """The loss."""
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


class PoissonNLLLoss(Loss):
    """Poisson negative log-likelihood of counts t: exp(x) − t · x, without what depends on t alone.

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".

    - `log_input`: whether x is the logarithm of the expected count; if False it is the count, and x − t · log(x + eps).
    - `full`: whether Stirling's approximation of log t! is added.
    - `eps`: keeps the logarithm from zero.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.PoissonNLLLoss()(knoll.tensor([0.0]), knoll.tensor([3.0]))
    tensor(1.)
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
