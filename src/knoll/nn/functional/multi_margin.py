"""Losses with a margin between classes, and of several labels at once, as functions."""

from __future__ import annotations

from numbers import Real

from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.graph import Shape
from knoll.messages import say
from knoll.nn.functional.arguments import Input, non_differentiable, number, tensor
from knoll.nn.functional.embedding import embedding
from knoll.nn.functional.loss_reduction import reduced, reduction_of
from knoll.nn.functional.softplus import logsigmoid
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.loss.multi_margin import labels_in_range, multilabel_margin
from knoll.tensor import Tensor, apply
from knoll.tensor.creation.sequences import arange
from knoll.tensor.dtypes import float16, int64
from knoll.tensor.elementwise.choose import where

__all__ = ["multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss"]


EXACT = 1 << 24  # floats of 32 bits hold all whole numbers below


def multi_margin_loss(
    input: Input,
    target: Input,
    p: int = 1,
    margin: float = 1.0,
    weight: Input | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Multi-class margin loss: Σ max(0, margin − x[right] + x[other])^p over the other classes, divided by all.

    The arguments are those of `knoll.nn.MultiMarginLoss`.

    Shapes: scores (n, classes) and class numbers (n,), or (classes,) and one class number. Raises ArgumentError,
    ShapeError, DTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.multi_margin_loss(np.array([[0.25, 1.0, 0.5, 0.0]]), np.array([1]))
    tensor(0.1875, dtype=float64)
    """
    name = "multi_margin_loss"
    reduction = reduction_of(reduction, size_average, reduce)
    p = power_of(p)
    weights = None if weight is None else tensor(weight, name, "weight", 5)
    if weights is not None and weights.ndim != 1:
        raise ArgumentError("weight must be one-dimensional", got=f"{weights.shape}")
    x, y = tensor(input, name), tensor(target, name, "target", 2)
    margin = number(margin, name, "margin", 4)
    scores = _rows(x)
    samples = scores.shape[0]
    if y.ndim > 1 or y.numel() != samples:
        raise ShapeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size [{samples}], but got {list(y.shape)}. Input has shape {list(x.shape)}."
        )
    weights = _class_weights(weights, scores)
    _check_types(x, y, "multi_margin_loss_cpu_kernel")
    losses = _margins(scores, y.reshape(samples), p, margin, weights)
    return reduced(losses if y.ndim else losses.reshape(()), reduction)


def power_of(p: int) -> int:
    """The power, which is 1 or 2."""
    if not isinstance(p, Real) or p not in (1, 2):
        raise ArgumentError("only p == 1 and p == 2 supported", got=f"p={p}")
    return int(p)


def _margins(x: Tensor, target: Tensor, p: int, margin: float, weights: Tensor | None) -> Tensor:
    """The losses of scores (n, classes) and class numbers (n,)."""
    samples, classes = x.shape
    labels = apply(labels_in_range, target, classes=classes)[0]
    right = labels.reshape((samples, 1))
    gaps = margin - x.gather(1, right) + x
    gaps = where(gaps > 0, gaps, 0.0)  # as in PyTorch, what is no number costs nothing
    kind = x.dtype if classes < EXACT else int64
    costs = where(right.to(kind) != arange(classes, dtype=kind), gaps if p == 1 else gaps.square(), 0.0)
    if weights is not None:
        costs = costs * embedding(labels, weights.reshape((classes, 1)))
    return costs.sum(1) / classes


def _class_weights(weights: Tensor | None, x: Tensor) -> Tensor | None:
    if weights is None:
        return None
    if weights.shape != x.shape[1:]:
        raise ShapeError(f"inconsistent weight size, expected {x.shape[1]} but got {list(weights.shape)}")
    if weights.dtype != x.dtype and x.is_floating_point():
        raise DTypeError(
            f"expected scalar type {scalar_name(x.dtype)} but found {scalar_name(weights.dtype)}",
            advice=say("ops.same_dtype", dtype=x.dtype),
        )
    return non_differentiable(weights, "multi_margin_loss", "weight")


def _rows(x: Tensor) -> Tensor:
    """Scores as (n, classes); a sample alone is a batch of one."""
    if x.ndim > 2 or 0 in x.shape[-1:]:
        raise ShapeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(x.shape)}"
        )
    return x if x.ndim == 2 else x.reshape((1, x.numel()))


def _check_types(x: Tensor, target: Tensor, kernel: str) -> None:
    if not x.is_floating_point() or x.dtype == float16:
        refuse_dtype(kernel, x.dtype)
    if target.dtype != int64:
        raise DTypeError(
            f"expected scalar type Long but found {scalar_name(target.dtype)}", advice=say("nn.long_target")
        )


def multilabel_margin_loss(
    input: Input, target: Input, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """Multi-label margin loss: Σ max(0, 1 − x[right] + x[wrong]) over right and wrong classes, divided by all classes.

    The arguments are those of `knoll.nn.MultiLabelMarginLoss`.

    Shapes: scores (n, classes) and class numbers (n, classes), of which those of a sample end with −1; or both
    (classes,). Raises ArgumentError, ShapeError, DTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.multilabel_margin_loss(np.array([[0.1, 0.2, 0.4, 0.8]]), np.array([[3, 0, -1, 1]]))
    tensor(0.8500, dtype=float64)
    """
    name = "multilabel_margin_loss"
    x, y = tensor(input, name), tensor(target, name, "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    scores = _rows(x)
    if not _fit(x.shape, y.shape):
        raise ShapeError(f"inconsistent target size: {list(y.shape)} for input of size: {list(x.shape)}")
    _check_types(x, y, "multilabel_margin_loss_forward_out_frame")
    losses = apply(multilabel_margin, scores, y.reshape(scores.shape))[0]
    return reduced(losses if y.ndim > 1 else losses.reshape(()), reduction)


def _fit(x: Shape, target: Shape) -> bool:
    """Whether there is a place for a label beside each score."""
    return x == target if len(x) == 2 else len(target) < 2 and (x or (1,)) == (target or (1,))


def multilabel_soft_margin_loss(
    input: Input,
    target: Input,
    weight: Input | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Multi-label soft margin loss: binary cross-entropy of raw scores, its mean over the classes of each sample.

    The arguments are those of `knoll.nn.MultiLabelSoftMarginLoss`.

    Shapes: (…, classes) for both → (…). Raises ArgumentError, ShapeError, DTypeError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.multilabel_soft_margin_loss(np.array([[0.0, 1000.0]]), np.array([[1.0, 0.0]]))
    tensor(500.3466, dtype=float64)
    """
    name = "multilabel_soft_margin_loss"
    x, y = tensor(input, "log_sigmoid"), tensor(target, name, "target", 2)
    weights = None if weight is None else tensor(weight, name, "weight", 3)
    if size_average is not None or reduce is not None:
        reduction = reduction_of(reduction, size_average, reduce)
    losses = -(y * logsigmoid(x) + (1 - y) * logsigmoid(-x))
    losses = losses if weights is None else losses * weights
    losses = losses.sum(x.ndim - 1) / x.size(x.ndim - 1)
    if not isinstance(reduction, str) or reduction not in ("none", "mean", "sum"):
        raise ArgumentError(f"{reduction} is not valid", expected="'mean', 'sum', 'none'")
    return reduced(losses, reduction)
