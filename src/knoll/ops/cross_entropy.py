"""Softmax followed by the negative logarithm of the right class, in one step so that nothing overflows.

Source: https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
"""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, DTypeError, LabelError, ShapeError
from knoll.graph import Array, Node, Op, Spec, Value
from knoll.messages import say
from knoll.ops.dtypes import scalar_name


def shape(x: Spec, target: Spec) -> tuple[Spec]:
    """Scores (n, classes) and class numbers (n,) → losses (n,)."""
    if x.rank != 2 or target.rank != 1:
        raise ShapeError(f"Expected scores (n, classes) and class numbers (n,), but got {x.shape} and {target.shape}")
    if x.shape[0] != target.shape[0]:
        raise ArgumentError(
            f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({target.shape[0]}).",
            expected=say("ops.label_each"),
            came=f"{x.shape}, {target.shape}",
        )
    if target.dtype.kind not in "iu":
        raise DTypeError(
            f"expected target dtype to be Long or Byte, but got {scalar_name(target.dtype)}",
            advice=say("ops.classes_dtype"),
        )
    return (x.with_shape(x.shape[0]),)


def check_labels(target: Array, classes: int) -> None:
    """Refuse class numbers that there are no scores for."""
    wrong = np.flatnonzero((target < 0) | (target >= classes))
    if wrong.size:
        position = int(wrong[0])
        raise LabelError(
            f"Target {target[position]} is out of bounds.",
            expected=say("ops.labels", last=classes - 1),
            came=say("ops.label", label=target[position], position=position),
            advice=say("ops.label_advice"),
        )


def meaning(x: Array, target: Array) -> tuple[Array]:
    """The logarithm of Σ exp(x), less x[target], for each row."""
    check_labels(target, x.shape[1])
    if not x.size:
        return (np.zeros(len(x), x.dtype),)
    highest = x.max(axis=1, keepdims=True)
    sums = np.exp(x - highest).sum(axis=1)
    return (np.log(sums) + highest[:, 0] - x[np.arange(len(x)), target],)


def dx_meaning(dy: Array, x: Array, target: Array) -> tuple[Array]:
    """Softmax, less one at the right class, times dy."""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(x)), target] -= 1
    return (p * dy[:, None],)


def gradient(node: Node, dy: Value) -> tuple[Value, None]:
    """By the scores; class numbers have none."""
    return cross_entropy_dx(dy, *node.inputs), None


cross_entropy = Op("cross_entropy", shape, meaning, gradient)
cross_entropy_dx = Op("cross_entropy_dx", lambda _dy, x, _target: (x,), dx_meaning)
