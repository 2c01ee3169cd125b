"""How far results are from what they should be."""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.graph import Array, Shape
from knoll.messages import say
from knoll.nn.functional.given import tensor
from knoll.ops.cross_entropy import cross_entropy as cross_entropy_op
from knoll.ops.dtypes import scalar_name
from knoll.tensor import Tensor, apply

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(reduction: str) -> str:
    """Refuse a reduction that there is not."""
    if reduction not in REDUCTIONS:
        raise ArgumentError(
            f"{reduction} is not a valid value for reduction", expected=", ".join(map(repr, REDUCTIONS))
        )
    return reduction


def check_smoothing(smoothing: float) -> float:
    """Refuse a share of the probability that is none."""
    if not 0 <= smoothing <= 1:
        raise ArgumentError(f"label_smoothing must be between 0.0 and 1.0. Got: {smoothing:g}")
    return smoothing


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The squared difference, its mean or sum over all elements.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html

    >>> mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    tensor(2., dtype=float64)
    """
    return _reduced(_difference(input, target, "mse_loss").square(), reduction)


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The absolute difference, its mean or sum over all elements.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html

    >>> l1_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    tensor(1., dtype=float64)
    """
    return _reduced(_difference(input, target, "l1_loss").abs(), reduction)


def _difference(input: Any, target: Any, function: str) -> Tensor:
    x, y = tensor(input, function), tensor(target, function, "target", 2)
    if x.shape != y.shape:
        warnings.warn(
            f"Using a target size (torch.Size({list(y.shape)})) that is different to the input size "
            f"(torch.Size({list(x.shape)})). This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
            stacklevel=4,
        )
    return x - (y if y.is_floating_point() else y.to(x.dtype))


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if check_reduction(reduction) == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Minus the logarithm of the probability that the scores give to the right class.

    Shapes: scores (classes,), (n, classes) or (n, classes, …) and class numbers without the axis of classes, or class
    probabilities of the shape of the scores. Scores are raw: no softmax before. `weight` counts classes more or less;
    the mean is then a weighted one. Raises ShapeError, DTypeError, LabelError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html

    >>> cross_entropy(np.zeros((1, 2)), np.array([0]))
    tensor(0.6931, dtype=float64)
    """
    x, y = tensor(input, "cross_entropy_loss"), tensor(target, "cross_entropy_loss", "target", 2)
    check_reduction(reduction)
    check_smoothing(label_smoothing)
    classes = _classes(x.shape)
    weights = _class_weights(weight, classes, x)
    if x.shape == y.shape and (y.dtype.kind == "f" or len(x.shape) != 1):
        return _with_probabilities(x, y, weights, reduction, label_smoothing)
    shape = _check_classes(x, y)
    scores, numbers = _rows(x, classes), y if len(shape) == 1 else y.reshape(math.prod(shape))
    labels = y._numbers().reshape(-1)
    kept = labels != ignore_index
    if weights is None and not label_smoothing and kept.all():
        losses = apply(cross_entropy_op, scores, numbers)[0]
        return losses.reshape(shape) if reduction == "none" else _reduced(losses, reduction)
    safe = np.where(kept, labels, 0)
    shares = (kept * (np.ones(classes) if weights is None else weights)[safe.clip(0, classes - 1)]).astype(x.dtype)
    losses = apply(cross_entropy_op, scores, Tensor(safe))[0] * Tensor(shares)
    if label_smoothing:
        even = _even(scores, weights, kept)
        losses = losses * (1 - label_smoothing) + even * (label_smoothing / classes)
    if reduction == "none":
        return losses.reshape(shape)
    return losses.sum() / float(shares.sum()) if reduction == "mean" else losses.sum()


def _with_probabilities(x: Tensor, y: Tensor, weights: Array | None, reduction: str, smoothing: float) -> Tensor:
    """The cross entropy of class probabilities; the mean is over samples, whatever the weights."""
    classes = _classes(x.shape)
    if y.dtype.kind != "f":
        raise DTypeError(
            f"Expected floating point type for target with class probabilities, got {scalar_name(y.dtype)}",
            advice=say("ops.classes_dtype"),
        )
    shape = x.shape[:1] + x.shape[2:] if len(x.shape) > 1 else ()
    p = _rows(y, classes)
    if smoothing:
        p = p * (1 - smoothing) + smoothing / classes
    if weights is not None:
        p = p * Tensor(weights)
    losses = -(p * _rows(x, classes).log_softmax(1)).sum(1)
    return losses.reshape(shape) if reduction == "none" else _reduced(losses, reduction)


def _even(scores: Tensor, weights: Array | None, kept: Array) -> Tensor:
    """For each row, the loss if every class were right once."""
    logs = scores.log_softmax(1)
    return (logs if weights is None else logs * Tensor(weights)).sum(1) * Tensor(-kept.astype(scores.dtype))


def _classes(shape: Shape) -> int:
    """How many classes there are scores for."""
    return shape[1] if len(shape) > 1 else shape[0] if shape else 1


def _class_weights(weight: Any, classes: int, x: Tensor) -> Array | None:
    if weight is None:
        return None
    numbers = tensor(weight, "cross_entropy_loss", "weight", 3)._numbers()
    if numbers.shape != (classes,):
        raise ShapeError(
            f"weight tensor should be defined either for all {classes} classes or no classes "
            f"but got weight tensor of shape: {list(numbers.shape)}"
        )
    return numbers.astype(x.dtype)


def _check_classes(x: Tensor, y: Tensor) -> Shape:
    """The shape of the class numbers, if they fit the scores."""
    if not x.shape or (len(x.shape) == 1 and len(y.shape) > 1):
        raise ShapeError("0D or 1D target tensor expected, multi-target not supported")
    if len(x.shape) > 1 and x.shape[:1] != y.shape[:1]:
        raise ArgumentError(
            f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({(*y.shape, 1)[0]}).",
            expected=say("ops.label_each"),
            came=f"{x.shape}, {y.shape}",
        )
    if len(x.shape) == 2 and len(y.shape) > 1:
        raise ShapeError(
            "0D or 1D target tensor expected, multi-target not supported",
            came=f"{y.shape}",
            advice=say("nn.squeeze_labels") if y.shape[1:] == (1,) else say("ops.classes_dtype"),
        )
    if x.shape[2:] != y.shape[1:]:
        raise ShapeError(f"size mismatch (got input: {list(x.shape)} , target: {list(y.shape)}")
    if y.dtype.kind not in "iu":
        raise DTypeError(
            f"expected target dtype to be Long or Byte, but got {scalar_name(y.dtype)}",
            advice=say("ops.classes_dtype"),
        )
    return y.shape


def _rows(x: Tensor, classes: int) -> Tensor:
    """Scores as (rows, classes): the classes last, all other axes as one."""
    rank = len(x.shape)
    if rank > 2:
        x = x.permute(0, *range(2, rank), 1)
    return x if rank == 2 else x.reshape(math.prod(x.shape) // max(classes, 1), classes)
