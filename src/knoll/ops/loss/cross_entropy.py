"""Softmax followed by the negative logarithm of the right class, in one step so that nothing overflows.

With `smoothing` ε the right class counts 1 − ε, and ε is shared among all classes, each with its weight.
Source: https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
"""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Roles, Spec, Value
from knoll.graph.batching_rules import by_samples
from knoll.graph.role import BATCHED, PARAMETER
from knoll.ops.accumulate import wide
from knoll.ops.activation.softmax import softmax
from knoll.ops.elementwise.arithmetic import add, constant, multiply, scaled, subtract
from knoll.ops.elementwise.comparisons import not_equal
from knoll.ops.loss.class_labels import (
    IGNORED,
    at_label,
    check_labels,
    labelled_reads,
    labelled_shape,
    labels_and_weights,
    labels_at,
    per_class,
    subtract_at_label,
)
from knoll.ops.loss.nll import nll_dx
from knoll.ops.quiet import quiet_array, quietly
from knoll.ops.reduction.reduce import expand, sum_
from knoll.ops.shapes.reshape import convert


def shape(x: Spec, target: Spec, _weight: Spec | None = None, **_: object) -> tuple[Spec]:
    """Scores (n, classes, …) and class numbers (n, …) → losses (n, …)."""
    return (x.with_shape(*labelled_shape(x, target)),)


def meaning(
    x: Array, target: Array, weight: Array | None = None, *, ignore: int = IGNORED, smoothing: float = 0.0
) -> tuple[Array]:
    """The logarithm of Σ exp(x), less x[target], times the weight of the class; zero where the label is ignored."""
    check_labels(target, x.shape[1], ignore)
    if not x.size:
        return (np.zeros(target.shape, x.dtype),)
    losses = quietly(_losses, x.astype(wide(x.dtype), copy=False), target, weight, ignore, smoothing)
    return (quiet_array(np.where, x.dtype, target == ignore, losses.dtype.type(0), losses),)


def _losses(x: Array, target: Array, weight: Array | None, ignore: int, smoothing: float) -> Array:
    highest = x.max(axis=1)
    whole = np.log(np.exp(x - highest[:, None]).sum(axis=1)) + highest
    labels, label_weights = labels_and_weights(target, weight, ignore, x)
    losses: Array = label_weights * (whole - at_label(x, labels))
    if smoothing:
        each = whole[:, None] - x if weight is None else (whole[:, None] - x) * per_class(weight, x.ndim)
        losses = (1 - smoothing) * losses + smoothing / x.shape[1] * each.sum(axis=1)
    return losses


def dx_meaning(
    dy: Array,
    x: Array,
    target: Array,
    weight: Array | None = None,
    *,
    ignore: int = IGNORED,
    smoothing: float = 0.0,
) -> tuple[Array]:
    """Softmax times all that counts, less what the classes count, times dy."""
    x, dtype = x.astype(wide(x.dtype), copy=False), x.dtype
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        e /= e.sum(axis=1, keepdims=True)
        labels, label_weights = labels_and_weights(target, weight, ignore, x)
        each = x.dtype.type(smoothing / x.shape[1])
        right = (1 - smoothing) * label_weights
        if smoothing:
            smoothing_per_class = np.full(x.shape[1], each) if weight is None else each * weight
            dx = e * (right + smoothing_per_class.sum())[:, None] - per_class(smoothing_per_class, x.ndim)
        else:
            dx = e * right[:, None]
        subtract_at_label(dx, labels, right)
        dx *= np.where(target == ignore, x.dtype.type(0), dy)[:, None]
        return (dx.astype(dtype, copy=False),)


def dx_composition(
    dy: Value, x: Value, target: Value, *weight: Value, ignore: int = IGNORED, smoothing: float = 0.0
) -> tuple[Value]:
    """The gradient of x, by operations that have gradients."""
    e, classes = softmax(x, axis=1), x.spec.shape[1]
    at_labels = nll_dx(dy, target, *weight, classes=classes, ignore=ignore)
    right = subtract(at_labels, multiply(e, _over_classes(sum_(at_labels, axes=(1,), keep=False), x)))
    if not smoothing:
        return (right,)
    kept = convert(not_equal(target, constant(target, value=ignore)), dtype=x.spec.dtype.name)
    axes = (0, *range(2, x.spec.rank))
    counts = expand(weight[0], shape=x.spec.shape, axes=axes, scale=1.0) if weight else constant(x, value=1.0)
    whole = _over_classes(sum_(counts, axes=(1,), keep=False), x)
    each = multiply(_over_classes(multiply(kept, dy), x), subtract(multiply(e, whole), counts))
    return (add(scaled(right, 1 - smoothing), scaled(each, smoothing / classes)),)


def _over_classes(value: Value, x: Value) -> Value:
    return expand(value, shape=x.spec.shape, axes=(1,), scale=1.0)


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """By the scores; class numbers and weights have none."""
    dx = cross_entropy_dx(dy, *node.inputs, **node.attributes)
    return dx, *(None for _ in node.inputs[1:])


cross_entropy: Op = Op(
    "cross_entropy",
    shape,
    meaning,
    gradient,
    reads=labelled_reads,
    roles=Roles((BATCHED, BATCHED, PARAMETER), (BATCHED,)),
    indices=lambda node: labels_at(node, 1, node.inputs[0].spec.shape[1]),
    worth_compiling=True,
    batching=by_samples,
)
cross_entropy_dx: Op = Op(
    "cross_entropy_dx",
    lambda _dy, x, *_, **__: (x,),
    dx_meaning,
    composition=dx_composition,
    roles=Roles((BATCHED, BATCHED, BATCHED, PARAMETER), (BATCHED,)),
    indices=lambda node: labels_at(node, 2, node.specs[0].shape[1]),
    batching=by_samples,
)
