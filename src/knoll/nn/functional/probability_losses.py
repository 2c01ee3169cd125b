"""How far probabilities, or the parameters of a distribution, are from what they should be."""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

import math
import warnings

from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.messages import say
from knoll.nn.functional.arguments import Input, non_differentiable, number, tensor
from knoll.nn.functional.reductions import check_holds_floats, check_reduction, in_type_of, reduced, reduction_of
from knoll.nn.functional.softplus import logsigmoid
from knoll.nn.typename import size_name
from knoll.ops.binary_cross_entropy import binary_cross_entropy as binary_cross_entropy_op
from knoll.ops.binary_cross_entropy import logits_cross_entropy
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.elementwise import broadcast
from knoll.ops.likelihood import stirling, variance, xlogy
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import truth
from knoll.tensor.arithmetic import cast, operate
from knoll.tensor.dtypes import float32, floating, result_type

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "gaussian_nll_loss",
    "kl_div",
    "poisson_nll_loss",
    "soft_margin_loss",
]


def binary_cross_entropy(
    input: Input,
    target: Input,
    weight: Input | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Binary cross-entropy between probabilities and targets from 0 to 1: −t · log x − (1 − t) · log(1 − x).

    The arguments are those of `knoll.nn.BCELoss`.

    Logarithms are no lower than −100. Shapes: any, the same for both; `weight` broadcasts. Raises ArgumentError,
    DTypeError, ShapeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.binary_cross_entropy(np.array([0.5, 0.0]), np.array([1.0, 1.0]), reduction="none")
    tensor([  0.6931, 100.0000], dtype=float64)
    """
    name = "binary_cross_entropy"
    x, y = tensor(input, name), tensor(target, name, "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    if x.shape != y.shape:
        raise ArgumentError(
            f"Using a target size ({size_name(y.shape)}) that is different to the input size "
            f"({size_name(x.shape)}) is deprecated. Please ensure they have the same size.",
            expected=f"{x.shape}",
            came=f"{y.shape}",
            advice=_like_input(x, y),
        )
    if not x.is_floating_point():
        refuse_dtype("binary_cross_entropy", x.dtype)
    if x.dtype != y.dtype:
        raise DTypeError(
            f"Found dtype {scalar_name(y.dtype)} but expected {scalar_name(x.dtype)}",
            advice=say("nn.target_dtype", dtype=x.dtype),
        )
    losses = apply(binary_cross_entropy_op, x, y)[0]
    return reduced(_weighted(losses, weight, name), reduction)


def binary_cross_entropy_with_logits(
    input: Input,
    target: Input,
    weight: Input | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Input | None = None,
) -> Tensor:
    """Binary cross-entropy between the sigmoid of raw scores (logits) and targets from 0 to 1, without overflow.

    A target of 1 counts `pos_weight` times.

    The arguments are those of `knoll.nn.BCEWithLogitsLoss`.

    Shapes: any, the same for both; the weights broadcast. Raises ArgumentError, DTypeError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.binary_cross_entropy_with_logits(np.array([0.0, 1000.0]), np.array([1.0, 0.0]), reduction="none")
    tensor([6.9315e-01, 1.0000e+03], dtype=float64)
    """
    name = "binary_cross_entropy_with_logits"
    x, y = tensor(input, name), tensor(target, name, "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    if x.shape != y.shape:
        raise ArgumentError(
            f"Target size ({size_name(y.shape)}) must be the same as input size ({size_name(x.shape)})",
            advice=_like_input(x, y),
        )
    if not x.is_floating_point():
        refuse_dtype("log_sigmoid_cpu", x.dtype)
    if not y.is_floating_point():
        raise DTypeError(
            f"result type {scalar_name(x.dtype)} can't be cast to the desired output type {scalar_name(y.dtype)}",
            advice=say("nn.target_dtype", dtype=x.dtype),
        )
    dtype = result_type(x, y)
    x, y = cast(x, dtype), cast(y, dtype)
    positive = () if pos_weight is None else (_weighted(y, pos_weight, name, "pos_weight", 7),)
    return reduced(_weighted(apply(logits_cross_entropy, x, y, *positive)[0], weight, name), reduction)


def _like_input(x: Tensor, y: Tensor) -> str | None:
    """The reshape that gives the target the shape of the input, where they differ in axes of one element."""
    if [size for size in x.shape if size != 1] != [size for size in y.shape if size != 1]:
        return None
    return say("nn.reshape_target", shape=x.shape)


def _weighted(losses: Tensor, weight: Input | None, function: str, name: str = "weight", position: int = 3) -> Tensor:
    """Each loss times its weight, which broadcasts."""
    if weight is None:
        return losses
    weights = non_differentiable(tensor(weight, function, name, position), function, name)
    shape = broadcast(losses.shape, weights.shape)
    if shape != losses.shape:
        raise ShapeError(
            f"output with shape {list(losses.shape)} doesn't match the broadcast shape {list(shape)}",
            came=f"{weights.shape}",
        )
    return losses * cast(weights, losses.dtype)


def soft_margin_loss(
    input: Input, target: Input, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """Soft margin loss for two classes: log(1 + exp(−t · x)) for targets of −1 and 1, without overflow.

    The arguments are those of `knoll.nn.SoftMarginLoss`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.soft_margin_loss(np.array([0.0, -1000.0]), np.array([1.0, 1.0]), reduction="none")
    tensor([6.9315e-01, 1.0000e+03], dtype=float64)
    """
    x, y = tensor(input, "soft_margin_loss"), tensor(target, "soft_margin_loss", "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    check_holds_floats(x, y)
    whole = broadcast(x.shape, y.shape)
    if whole != x.shape:
        raise ShapeError(f"output with shape {list(x.shape)} doesn't match the broadcast shape {list(whole)}")
    return reduced(in_type_of(x, -logsigmoid(x * non_differentiable(y, "soft_margin_loss", "target"))), reduction)


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
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    check_reduction(reduction, "batchmean")
    if not (x.is_floating_point() and y.is_floating_point()):
        raise DTypeError("kl_div: Integral inputs not supported.", came=f"{x.dtype}, {y.dtype}")
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
        raise ArgumentError("var has negative entry/entries", came=f"{var}")
    return max(var, eps), math.log(max(var, eps))


def _variances(var: Input, x: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """A variance for each element, none lower than `eps`, and their logarithms."""
    v = apply(variance, tensor(var, "gaussian_nll_loss", "var", 3), least=eps)[0]
    if v.shape == x.shape:
        return v, v.log()
    if v.shape == x.shape[:-1]:
        v = v.unsqueeze(-1)
    elif len(v.shape) != len(x.shape) or sum(b for a, b in zip(x.shape, v.shape, strict=True) if a != b) != 1:
        raise ArgumentError("var is of incorrect size", expected=f"{x.shape}", came=f"{v.shape}")
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
    losses: Tensor = x.exp() - y * x if log_input else x - y * (x + eps).log()
    if full:
        losses = losses + apply(stirling, cast(y, floating(y)))[0]
    return reduced(losses, reduction)
