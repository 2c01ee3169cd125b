"""Negative log-likelihood: minus the log-probability at the label.

Source: https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
"""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Roles, Spec, Value
from knoll.graph.batching import Batch
from knoll.graph.batching_rules import by_samples
from knoll.graph.role import BATCHED, PARAMETER, REDUCED
from knoll.ops.elementwise.arithmetic import constant
from knoll.ops.elementwise.choose import where_true
from knoll.ops.elementwise.comparisons import not_equal
from knoll.ops.elementwise.elementwise import MANY
from knoll.ops.indexing.index import take
from knoll.ops.loss.class_labels import (
    IGNORED,
    at_label,
    check_labels,
    labelled_reads,
    labelled_shape,
    labels_and_weights,
    labels_at,
)
from knoll.ops.reduction.reduce import sum_
from knoll.ops.shapes.reshape import convert


def shape(x: Spec, target: Spec, _weight: Spec | None = None, **_: object) -> tuple[Spec]:
    """Logarithms (n, classes, …) and class numbers (n, …) → losses (n, …)."""
    return (x.with_shape(*labelled_shape(x, target)),)


def meaning(x: Array, target: Array, weight: Array | None = None, *, ignore: int = IGNORED) -> tuple[Array]:
    """The negative of x[target], times the weight of the class; zero where the label is ignored."""
    check_labels(target, x.shape[1], ignore)
    if not x.size:
        return (np.zeros(target.shape, x.dtype),)
    labels, label_weights = labels_and_weights(target, weight, ignore, x)
    with np.errstate(all="ignore"):
        return (np.where(target == ignore, x.dtype.type(0), -label_weights * at_label(x, labels)),)


def dx_shape(dy: Spec, target: Spec, _weight: Spec | None = None, *, classes: int, **_: object) -> tuple[Spec]:
    """Losses (n, …) → logarithms (n, classes, …)."""
    n, *pixels = target.shape
    return (dy.with_shape(n, classes, *pixels),)


def dx_meaning(
    dy: Array, target: Array, weight: Array | None = None, *, classes: int, ignore: int = IGNORED
) -> tuple[Array]:
    """Minus dy times the weight at the right class, zero at the others."""
    labels, label_weights = labels_and_weights(target, weight, ignore, dy)
    dx = np.zeros((len(target), classes, *target.shape[1:]), dy.dtype)
    with np.errstate(all="ignore"):
        at = np.where(target == ignore, dy.dtype.type(0), -label_weights * dy)
    np.put_along_axis(dx, labels[:, None], at[:, None], axis=1)
    return (dx,)


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """By the logarithms; class numbers and weights have none."""
    x, *others = node.inputs
    dx = nll_dx(dy, *others, classes=x.spec.shape[1], **node.attributes)
    return dx, *(None for _ in others)


def gradient_of_dx(node: Node, g: Value) -> tuple[Value | None, ...]:
    """By dy: as forward, with g in the place of the logarithms."""
    attributes = {name: value for name, value in node.attributes.items() if name != "classes"}
    return nll(g, *node.inputs[1:], **attributes), *(None for _ in node.inputs[1:])


def sum_meaning(target: Array, weight: Array | None = None, *, dtype: str, ignore: int = IGNORED) -> tuple[Array]:
    """The weights of the classes of all labels that are not ignored, added; without weights, how many these are."""
    kept = target[target != ignore]
    if weight is None:
        return (np.asarray(kept.size, dtype),)
    check_labels(kept, len(weight))
    return (np.asarray(np.bincount(kept, minlength=len(weight)) @ weight.astype(np.float64), dtype),)


def label_sum_batching(batch: Batch) -> tuple[Value, ...] | None:
    """How many labels of each example are not ignored; of weights that they have in common the sum."""
    target, ignore = batch.node.inputs[0].spec, batch.node.attributes.get("ignore", IGNORED)
    if batch.is_batched(1):
        return None
    labels = batch.shaped(batch.repeat(0), batch.size, target.size)
    kept = not_equal(labels, constant(labels, value=ignore))
    if len(batch.operands) > 1:
        found = take(batch.operands[1], where_true(kept, labels), axes=(0,))
        each = where_true(kept, found)
    else:
        each = kept
    return (sum_(convert(each, dtype=batch.node.attributes["dtype"]), axes=(1,), keep=False),)


ROLES = Roles((BATCHED, BATCHED, PARAMETER), (BATCHED,))

nll: Op = Op(
    "nll",
    shape,
    meaning,
    gradient,
    reads=labelled_reads,
    roles=ROLES,
    indices=lambda node: labels_at(node, 1, node.inputs[0].spec.shape[1]),
    compiled_from=MANY,
    batching=by_samples,
)
nll_dx: Op = Op(
    "nll_dx",
    dx_shape,
    dx_meaning,
    gradient_of_dx,
    roles=ROLES,
    indices=lambda node: labels_at(node, 1, node.specs[0].shape[1]),
    batching=by_samples,
)
label_sum: Op = Op(
    "label_sum",
    lambda *_, dtype, **__: (Spec((), np.dtype(dtype)),),
    sum_meaning,
    roles=Roles((BATCHED, PARAMETER), (REDUCED,)),
    indices=lambda node: labels_at(node, 0, node.inputs[1].spec.size) if len(node.inputs) > 1 else None,
    batching=label_sum_batching,
)
