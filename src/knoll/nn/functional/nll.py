"""Negative log-likelihood of classes as a function, and what it has in common with cross-entropy."""

from __future__ import annotations

from typing import NoReturn

from knoll.errors import ArgumentError, DTypeError, ShapeError, UnsupportedError
from knoll.graph import Op, Shape
from knoll.messages import say
from knoll.nn.functional.arguments import Input, non_differentiable, tensor
from knoll.nn.functional.loss_reduction import reduction_of
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.loss.nll import label_sum
from knoll.ops.loss.nll import nll as nll_op
from knoll.tensor import Tensor, apply
from knoll.tensor.dtypes import int64
from knoll.tensor.elementwise.arithmetic import cast

__all__ = ["nll_loss"]


def nll_loss(
    input: Input,
    target: Input,
    weight: Input | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Negative log-likelihood of the classes, given log-probabilities as `log_softmax` makes them: −x[class].

    The arguments are those of `knoll.nn.NLLLoss`.

    Shapes: logarithms (classes,), (n, classes) or (n, classes, …) and class numbers without the axis of classes.
    `weight` counts classes more or less; the mean is then a weighted one. Raises ShapeError, DTypeError, LabelError,
    ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.nll_loss(np.log([[0.5, 0.5]]), np.array([0]))
    tensor(0.6931, dtype=float64)
    """
    x, y = tensor(input, "nll_loss_nd"), tensor(target, "nll_loss_nd", "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    return labelled(nll_op, x, y, weight, ignore_index, reduction)


def labelled(
    op: Op, x: Tensor, y: Tensor, weight: Input | None, ignore: int, reduction: str, **attributes: float
) -> Tensor:
    """A loss over class numbers; its mean is over what the labels count together."""
    shape = _check_classes(x, y)
    scores, numbers = (x, y) if len(x.shape) > 1 else (x.reshape(1, x.shape[0]), y.reshape(1))
    if weight is not None:
        name = "nll_loss2d_forward" if len(x.shape) > 2 else "nll_loss_forward"
        weight = non_differentiable(tensor(weight, "cross_entropy_loss", "weight", 3), name, "weight")
    numbers, weights = cast(numbers, int64), class_weights(weight, scores)
    losses = apply(op, scores, numbers, *weights, ignore=ignore, **attributes)[0]
    if reduction == "none":
        return losses.reshape(shape)
    if reduction == "sum":
        return losses.sum()
    return losses.sum() / apply(label_sum, numbers, *weights, ignore=ignore, dtype=losses.dtype.name)[0]


def class_weights(weight: Input | None, x: Tensor, function: str = "") -> tuple[Tensor, ...]:
    """One number for each class, in the element type of the scores."""
    if weight is None:
        return ()
    weights, classes = tensor(weight, "cross_entropy_loss", "weight", 3), x.shape[1]
    if weights.shape != (classes,):
        many = "" if len(x.shape) > 2 and not function else f"{classes} "
        shapes = f" but got weight tensor of shape: {list(weights.shape)}" if many else ""
        raise ShapeError(
            f"{function}weight tensor should be defined either for all {many}{'classes ' if many else ''}"
            f"or no classes{shapes}",
            expected=say("nn.class_weights", classes=classes),
            got=f"{weights.shape}",
        )
    return (weights if weights.dtype == x.dtype else Tensor._holding(weights._realize().astype(x.dtype)),)


def _check_classes(x: Tensor, y: Tensor) -> Shape:
    """The shape of the losses, if the class numbers fit the scores."""
    rank = len(x.shape)
    if not rank:
        raise ArgumentError("Expected 1 or more dimensions (got 0)")
    if rank == 1 and len(y.shape) == 1 and y.shape != (1,):
        raise ArgumentError(f"For 1D input, 1D target must have size 1, but got target size: {y.shape[0]}")
    if rank > 1 and x.shape[:1] != y.shape[:1]:
        raise ArgumentError(
            f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({(*y.shape, 0)[0]}).",
            expected=say("ops.label_each"),
            got=f"{x.shape}, {y.shape}",
        )
    if rank < 3 and len(y.shape) > 1:
        raise ShapeError(
            "0D or 1D target tensor expected, multi-target not supported",
            got=f"{y.shape}",
            advice=_to_one_axis(x, y),
        )
    if x.shape[2:] != y.shape[1:]:
        raise ShapeError(_misfit(x.shape, y.shape), expected=f"{x.shape[:1] + x.shape[2:]}", got=f"{y.shape}")
    if y.dtype.kind not in "iu":
        raise DTypeError(
            f"expected target dtype to be Long or Byte, but got {scalar_name(y.dtype)}",
            advice=say("nn.long_labels"),
        )
    if not x.is_floating_point():
        refuse_dtype("nll_loss_out_frame", x.dtype)
    return y.shape if rank > 1 else ()


def _to_one_axis(x: Tensor, y: Tensor) -> str:
    """How labels with a second axis come to one number for each sample."""
    if y.is_floating_point() and not x.is_floating_point() and x.shape == y.shape[:1] + y.shape[2:]:
        return say("nn.scores_first")
    return say("nn.squeeze_labels") if y.shape[1:] == (1,) else say("ops.classes_dtype")


def refuse_integers(x: Tensor, y: Tensor) -> NoReturn:
    """Scores that are whole numbers, in the words of the operation that PyTorch takes first."""
    name = "log_softmax_lastdim_kernel_impl" if x.ndim < 3 and x.shape[-1:] else "log_softmax_kernel_impl"
    swapped = y.is_floating_point() and y.ndim > 1 and x.shape == y.shape[:1] + y.shape[2:]
    advice = say("nn.scores_first") if swapped else say("nn.scores_dtype")
    raise UnsupportedError(f"\"{name}\" not implemented for '{scalar_name(x.dtype)}'", advice=advice)


def _misfit(x: Shape, y: Shape) -> str:
    """PyTorch's sentence about class numbers of another shape than the images."""
    if len(x) != 4:
        return f"Expected target size {[x[0], *x[2:]]}, got {list(y)}"
    if len(y) != 3:
        return f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {len(y)}"
    return f"size mismatch (got input: {list(x)} , target: {list(y)}"
