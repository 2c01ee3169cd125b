"""Losses of distributions as functions: Kullback–Leibler divergence, Gaussian and Poisson likelihood."""

from __future__ import annotations

import math

from knoll.errors import ArgumentError, DTypeError, warn
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.loss_reduction import check_reduction, reduced, reduction_of
from knoll.ops.loss.likelihood import stirling, variance, xlogy
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import truth
from knoll.tensor.dtypes import float32, floating
from knoll.tensor.elementwise.arithmetic import cast, operate

__all__ = ["gaussian_nll_loss", "kl_div", "poisson_nll_loss"]


def kl_div(
    input: Input,
    target: Input,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Kullback–Leibler divergence of the distribution exp(x) from the target t: t · (log t − x), element by element.

    The arguments are those of `knoll.nn.KLDivLoss`.

    "batchmean" divides the sum by the number of samples, which is the mathematical divergence; "mean" divides by the
    number of elements, of which PyTorch warns. With `log_target` t is given as its logarithm.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.kl_div(np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]]), reduction="batchmean")
    tensor(0.6931, dtype=float64)
    """
    x, y = tensor(input, "kl_div"), tensor(target, "kl_div", "target", 2)
    if size_average is not None or reduce is not None:
        reduction = reduction_of(reduction, size_average, reduce)
    elif reduction == "mean":
        warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release."
        )
    check_reduction(reduction, "batchmean")
    if not (x.is_floating_point() and y.is_floating_point()):
        raise DTypeError("kl_div: Integral inputs not supported.", got=f"{x.dtype}, {y.dtype}")
    losses: Tensor = y.exp() * (y - x) if log_target else operate(xlogy, y, y, float32) - y * x
    if reduction == "batchmean":
        return losses.sum() / x.shape[0] if x.shape else losses.sum()
    return reduced(losses, reduction)


def gaussian_nll_loss(
    input: Input, target: Input, var: Input, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """Gaussian negative log-likelihood: of the target under a normal distribution with mean x and variance `var`.

    The arguments are those of `knoll.nn.GaussianNLLLoss`.

    Constants are left out unless `full`; variances are at least `eps`. Shapes: any, the same for x and target; `var`
    likewise, or without the last axis, or with 1 in place of one axis, or a number. Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.gaussian_nll_loss(np.array([1.0]), np.array([3.0]), np.array([4.0]))
    tensor(1.1931, dtype=float64)
    """
    x, y = tensor(input, "gaussian_nll_loss"), tensor(target, "gaussian_nll_loss", "target", 2)
    eps = number(eps, "gaussian_nll_loss", "eps", 5)
    v, log_v = _number(var, eps) if isinstance(var, (int, float)) else _variances(var, x, eps)
    if not isinstance(reduction, str) or reduction not in ("none", "mean", "sum"):
        raise ArgumentError(f"{reduction} is not valid")
    losses: Tensor = ((x - y).square() / v + log_v) * 0.5
    return reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


def _number(var: float, eps: float) -> tuple[float, float]:
    """One variance for all, and its logarithm."""
    if var < 0:
        raise ArgumentError("var has negative entry/entries", got=f"{var}")
    return max(var, eps), math.log(max(var, eps))


def _variances(var: Input, x: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """A variance for each element, none lower than `eps`, and their logarithms."""
    v = apply(variance, tensor(var, "gaussian_nll_loss", "var", 3), least=eps)[0]
    if v.shape == x.shape:
        return v, v.log()
    if v.shape == x.shape[:-1]:
        v = v.unsqueeze(-1)
    elif len(v.shape) != len(x.shape) or sum(b for a, b in zip(x.shape, v.shape, strict=True) if a != b) != 1:
        raise ArgumentError("var is of incorrect size", expected=f"{x.shape}", got=f"{v.shape}")
    v = v.expand(x.shape) if v.shape[:1] == x.shape[:1] else v
    return v, v.log()


def poisson_nll_loss(
    input: Input,
    target: Input,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Poisson negative log-likelihood of counts: exp(x) − t · x, or with `log_input=False` x − t · log(x + eps).

    What depends on t alone is left out.

    The arguments are those of `knoll.nn.PoissonNLLLoss`.

    x is the expected count, or with `log_input` its logarithm. With `full`, Stirling's formula stands for log t!.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.poisson_nll_loss(np.array([0.0]), np.array([3.0]))
    tensor(1., dtype=float64)
    """
    x, y = tensor(input, "poisson_nll_loss"), tensor(target, "poisson_nll_loss", "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    log_input = truth(log_input, "poisson_nll_loss", "log_input", 3)
    full = truth(full, "poisson_nll_loss", "full", 4)
    eps = number(eps, "poisson_nll_loss", "eps", 5)
    losses: Tensor = x.exp() - y * x if log_input else x - y * (x + eps).log()
    if full:
        losses = losses + apply(stirling, cast(y, floating(y)))[0]
    return reduced(losses, reduction)
