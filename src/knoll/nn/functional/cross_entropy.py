"""Cross-entropy as a function."""

from __future__ import annotations

from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError
from knoll.messages import say
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.loss_reduction import reduced, reduction_of
from knoll.nn.functional.nll import class_weights, labelled, refuse_integers
from knoll.ops.dtypes import scalar_name
from knoll.ops.loss.cross_entropy import cross_entropy as cross_entropy_op
from knoll.tensor import Tensor
from knoll.tensor.arguments import real

__all__ = ["cross_entropy"]


def check_smoothing(smoothing: float) -> float:
    """Refuse a label smoothing that is not between 0 and 1."""
    smoothing = real(smoothing, "cross_entropy", "label_smoothing")
    if not 0 <= smoothing <= 1:
        raise ArgumentError(f"label_smoothing must be between 0.0 and 1.0. Got: {smoothing:g}")
    return smoothing


def cross_entropy(
    input: Input,
    target: Input,
    weight: Input | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy between the softmax of raw scores (logits) and the classes: −log softmax(x)[class].

    The arguments are those of `knoll.nn.CrossEntropyLoss`.

    Shapes: scores (classes,), (n, classes) or (n, classes, …) and class numbers without the axis of classes, or class
    probabilities of the shape of the scores. Scores are raw: no softmax before. `weight` counts classes more or less;
    the mean is then a weighted one. Raises ShapeError, DTypeError, LabelError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.cross_entropy(np.zeros((1, 2)), np.array([0]))
    tensor(0.6931, dtype=float64)
    """
    x, y = tensor(input, "cross_entropy_loss"), tensor(target, "cross_entropy_loss", "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    check_smoothing(label_smoothing)
    if not x.is_floating_point() and x.shape and (x.shape != y.shape or y.dtype.kind == "f"):
        refuse_integers(x, y)
    if x.shape == y.shape and (y.dtype.kind == "f" or x.shape != (1,)):
        return _with_probabilities(x, y, weight, ignore_index, reduction, label_smoothing)
    return labelled(cross_entropy_op, x, y, weight, ignore_index, reduction, smoothing=float(label_smoothing))


def _with_probabilities(
    x: Tensor, y: Tensor, weight: Input | None, ignore: int, reduction: str, smoothing: float
) -> Tensor:
    """The cross entropy of class probabilities; the mean is over samples, whatever the weights."""
    if y.dtype.kind != "f":
        raise DTypeError(
            f"Expected floating point type for target with class probabilities, got {scalar_name(y.dtype)}",
            advice=say("ops.classes_dtype"),
        )
    if ignore >= 0:
        raise StateError("ignore_index is not supported for floating point target", advice=say("nn.ignore_by_zero"))
    axis = min(len(x.shape) - 1, 1)
    if axis < 0:
        raise ShapeError("Dimension specified as 1 but tensor has no dimensions")
    weights = class_weights(weight, x if axis else x.reshape(1, x.shape[0]), "cross_entropy: ")
    p = y * (1 - smoothing) + smoothing / x.shape[axis] if smoothing else y
    if weights:
        p = p * weights[0].reshape(-1, *(1,) * (len(x.shape) - axis - 1))
    return reduced(-(p * x.log_softmax(axis)).sum(axis), reduction)
