"""Losses that want right classes a margin above the others: labels in range, and the loss of several right classes.

Source: https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html and torch.nn.MultiLabelMarginLoss.html
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, IndexOperand, Node, Op, Reads, Spec, Value, along, by_element
from knoll.graph.batching_rules import by_samples
from knoll.messages import say
from knoll.ops.shapes.reshape import ANY


def in_range_meaning(target: Array, *, classes: int) -> tuple[Array]:
    """The labels, each that of a class."""
    _check(target, 0, classes, "target out of range")
    return (target,)


def _check(target: Array, first: int, classes: int, reason: str) -> None:
    wrong = np.argwhere((target < first) | (target >= classes))
    if len(wrong):
        position = tuple(map(int, wrong[0]))
        shown = position[0] if len(position) == 1 else position
        raise StateError(
            reason,
            expected=say("ops.labels", last=classes - 1),
            got=say("ops.label", label=target[position], position=shown),
        )


labels_in_range: Op = Op(
    "labels_in_range",
    lambda target, **_: (target,),
    in_range_meaning,
    reads=by_element,
    roles=ANY,
    is_view=True,
    indices=lambda node: IndexOperand(0, _check, (0, node.attributes["classes"], "target out of range")),
)


def shape(x: Spec, target: Spec) -> tuple[Spec]:  # noqa: ARG001 (of the same shape)
    """Scores (n, classes) and labels (n, classes) → losses (n,)."""
    return (x.with_shape(x.shape[0]),)


def meaning(x: Array, target: Array) -> tuple[Array]:
    """For each right class and each wrong one max(0, 1 − x[right] + x[wrong]), added and divided by the classes.

    The labels of a sample end with the first −1.
    """
    losses = np.zeros(len(x), x.dtype)
    for active, _, gap in _pairs(x, target):
        losses += np.where(active, gap, x.dtype.type(0)).sum(axis=1)
    return (losses / x.dtype.type(x.shape[1]),)


def _pairs(x: Array, target: Array) -> Iterator[tuple[Array, Array, Array]]:
    """For each place of a label: what wrong classes cost something, the right class (n, 1), and what they cost."""
    samples, classes = x.shape
    ended = np.maximum.accumulate(target < 0, axis=1)
    _check(target, -1, classes, "argument #2 'target' is out of range")
    labels = np.where(ended, 0, target)
    is_right = np.zeros(x.shape, np.bool_)
    np.logical_or.at(is_right, (np.arange(samples)[:, None], labels), ~ended)
    for place in range(int((~ended).sum(axis=1).max(initial=0))):
        right = labels[:, place, None]
        with np.errstate(invalid="ignore"):
            gap = 1 - np.take_along_axis(x, right, 1) + x
        yield (gap > 0) & ~is_right & ~ended[:, place, None], right, gap


def gradient(node: Node, dy: Value) -> tuple[Value, None]:
    """By the scores; labels have none."""
    return multilabel_margin_dx(dy, *node.inputs), None


def dx_meaning(dy: Array, x: Array, target: Array) -> tuple[Array]:
    """dy at each wrong class that costs something, as often −dy at the right one, divided by the classes."""
    counts = np.zeros(x.shape, np.int64)
    for active, right, _ in _pairs(x, target):
        counts += active
        np.put_along_axis(counts, right, np.take_along_axis(counts, right, 1) - active.sum(axis=1, keepdims=True), 1)
    return (counts.astype(x.dtype) * (dy[:, None] / x.dtype.type(x.shape[1])),)


def gradient_of_dx(node: Node, g: Value) -> tuple[Value, None, None]:
    """By dy; by the scores the slopes do not change."""
    return multilabel_margin_through(g, *node.inputs[1:]), None, None


def through_meaning(g: Array, x: Array, target: Array) -> tuple[Array]:
    """The slope of the losses when the scores move by g."""
    slope = np.zeros(len(x), x.dtype)
    for active, right, _ in _pairs(x, target):
        slope += np.where(active, g - np.take_along_axis(g, right, 1), x.dtype.type(0)).sum(axis=1)
    return (slope / x.dtype.type(x.shape[1]),)


def through_gradient(node: Node, dy: Value) -> tuple[Value, None, None]:
    """By g."""
    return multilabel_margin_dx(dy, *node.inputs[1:]), None, None


def reads(_: Node, __: int) -> tuple[Reads, ...]:
    """All scores and labels of the sample."""
    return along(0, None), along(0, None)


multilabel_margin: Op = Op("multilabel_margin", shape, meaning, gradient, reads=reads, batching=by_samples)
multilabel_margin_dx: Op = Op(
    "multilabel_margin_dx", lambda _dy, x, _: (x,), dx_meaning, gradient_of_dx, batching=by_samples
)
multilabel_margin_through: Op = Op(
    "multilabel_margin_through",
    lambda g, *_: (g.with_shape(g.shape[0]),),
    through_meaning,
    through_gradient,
    batching=by_samples,
)
