"""Losses of two classes as functions: binary cross-entropy and soft margin."""

from __future__ import annotations

from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.graph.shapes import size_name
from knoll.messages import say
from knoll.nn.functional.arguments import Input, non_differentiable, tensor
from knoll.nn.functional.loss_reduction import check_holds_floats, in_type_of, reduced, reduction_of
from knoll.nn.functional.softplus import logsigmoid
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.elementwise.elementwise import broadcast
from knoll.ops.loss.binary_cross_entropy import binary_cross_entropy as binary_cross_entropy_op
from knoll.ops.loss.binary_cross_entropy import logits_cross_entropy
from knoll.tensor import Tensor, apply
from knoll.tensor.dtypes import result_type
from knoll.tensor.elementwise.arithmetic import cast

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "soft_margin_loss"]


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
            got=f"{y.shape}",
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
            got=f"{weights.shape}",
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
