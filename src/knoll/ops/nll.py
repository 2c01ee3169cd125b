"""Minus the logarithm of a probability that is given as its logarithm, at the right class.

Source: https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
"""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Spec, Value
from knoll.ops.class_numbers import IGNORED, at_label, check_labels, counted, labelled_shape


def shape(x: Spec, target: Spec, _weight: Spec | None = None, **_: object) -> tuple[Spec]:
    """Logarithms (n, classes, …) and class numbers (n, …) → losses (n, …)."""
    return (x.with_shape(*labelled_shape(x, target)),)


def meaning(x: Array, target: Array, weight: Array | None = None, *, ignore: int = IGNORED) -> tuple[Array]:
    """The negative of x[target], times the weight of the class; zero where the label is ignored."""
    check_labels(target, x.shape[1], ignore)
    if not x.size:
        return (np.zeros(target.shape, x.dtype),)
    labels, shares = counted(target, weight, ignore, x)
    with np.errstate(all="ignore"):
        return (np.where(target == ignore, x.dtype.type(0), -shares * at_label(x, labels)),)


def dx_meaning(
    dy: Array, x: Array, target: Array, weight: Array | None = None, *, ignore: int = IGNORED
) -> tuple[Array]:
    """Minus dy times the weight at the right class, zero at the others."""
    labels, shares = counted(target, weight, ignore, x)
    dx = np.zeros_like(x)
    with np.errstate(all="ignore"):
        at = np.where(target == ignore, x.dtype.type(0), -shares * dy)
    np.put_along_axis(dx, labels[:, None], at[:, None], axis=1)
    return (dx,)


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """By the logarithms; class numbers and weights have none."""
    dx = nll_dx(dy, *node.inputs, **node.attributes)
    return dx, *(None for _ in node.inputs[1:])


nll = Op("nll", shape, meaning, gradient)
nll_dx = Op("nll_dx", lambda _dy, x, *_, **__: (x,), dx_meaning)
