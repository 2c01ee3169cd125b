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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.l1_loss(input, target, reduction=self.reduction)


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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.huber_loss(input, target, self.reduction, self.delta)


class BCELoss(Loss):
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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The loss."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


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

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
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

    def forward(self, input: Tensor, target: Tensor, var: Input) -> Tensor:  # noqa: A002 (PyTorch's name)
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
