"""Binary cross-entropy of probabilities, or of logits, against targets between 0 and 1.

Source: https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html and torch.nn.BCEWithLogitsLoss.html
"""

from __future__ import annotations

import math

import numpy as np

from knoll.errors import ShapeError, StateError
from knoll.graph import Array, Node, Op, Spec, Value, by_element
from knoll.messages import say
from knoll.ops.activation.relu_sigmoid_tanh import sigmoid
from knoll.ops.activation.softplus import log_sigmoid
from knoll.ops.elementwise.arithmetic import multiply, negative, subtract
from knoll.ops.elementwise.elementwise import MANY
from knoll.ops.formula import Arithmetic, V, at_least

LOWEST = -100  # logarithms are clamped here, as in PyTorch, so that the loss is finite


def shape(x: Spec, target: Spec) -> tuple[Spec]:
    """Two arrays of one shape."""
    if x.shape != target.shape:
        raise ShapeError(say("ops.same_shape"), got=f"{x.shape}, {target.shape}")
    return (x,)


def meaning(x: Array, target: Array) -> tuple[Array]:
    """The sum of −t · log x and −(1 − t) · log(1 − x)."""
    if not ((x >= 0) & (x <= 1)).all():
        raise StateError(
            "all elements of input should be between 0 and 1", got=f"{x.min()} … {x.max()}", advice=say("ops.sigmoid")
        )
    if not ((target >= 0) & (target <= 1)).all():
        raise StateError("all elements of target should be between 0 and 1", got=f"{target.min()} … {target.max()}")
    low = x.dtype.type(LOWEST)
    with np.errstate(divide="ignore"):
        right, wrong = np.maximum(np.log(x), low), np.maximum(np.log1p(-x), low)
    return (np.asarray((target - 1) * wrong - target * right, x.dtype),)


def dx_meaning(dy: Array, x: Array, target: Array) -> tuple[Array]:
    """The slope (x − t) / (x · (1 − x)), kept from growing without bounds."""
    return (np.asarray(dy * (x - target) / np.maximum(x * (1 - x), x.dtype.type(1e-12)), x.dtype),)


def dtarget_meaning(dy: Array, x: Array) -> tuple[Array]:
    """The logarithms' difference, which has no bounds."""
    with np.errstate(all="ignore"):
        return (np.asarray(dy * (np.log1p(-x) - np.log(x)), x.dtype),)


def gradient(node: Node, dy: Value) -> tuple[Value, Value]:
    """The gradients of probabilities and targets."""
    x, target = node.inputs
    return binary_cross_entropy_dx(dy, x, target), binary_cross_entropy_dtarget(dy, x)


def formula(v: Arithmetic[V], x: V, target: V) -> V:
    """NaN where one of both is outside of 0 to 1, as kernels cannot raise."""
    low, one = v.constant(LOWEST), v.constant(1.0)
    right, wrong = (at_least(part, low) for part in (v.log(x), v.log1m(x)))
    loss = (target - one) * wrong - target * right
    for number in (x, target):
        loss = number.compare("oge", v.zero()).select(loss, v.constant(math.nan))
        loss = number.compare("ole", one).select(loss, v.constant(math.nan))
    return loss


def dx_formula(v: Arithmetic[V], dy: V, x: V, target: V) -> V:
    """The slope, as above."""
    return dy * (x - target) / at_least(x * (v.constant(1.0) - x), v.constant(1e-12))


binary_cross_entropy: Op = Op(
    "binary_cross_entropy",
    shape,
    meaning,
    gradient,
    formula=formula,
    reads=by_element,
    may_refuse=True,
    compiled_from=MANY,
)
binary_cross_entropy_dx: Op = Op("binary_cross_entropy_dx", lambda _dy, x, _: (x,), dx_meaning, formula=dx_formula)
binary_cross_entropy_dtarget: Op = Op(
    "binary_cross_entropy_dtarget",
    lambda _dy, x: (x,),
    dtarget_meaning,
    formula=lambda v, dy, x: dy * (v.log1m(x) - v.log(x)),
)


def logits_shape(x: Spec, target: Spec, _positive: Spec | None = None) -> tuple[Spec]:
    """Arrays of one shape."""
    return shape(x, target)


def logits_meaning(x: Array, target: Array, positive: Array | None = None) -> tuple[Array]:
    """−p · log σ(x) − (1 − t) · log σ(−x), in a form without cancellation; p is `positive`, or t.

    `positive` is the target times the weight of the positive class.
    """
    size, yes = np.abs(x), target if positive is None else positive
    with np.errstate(all="ignore"):
        both = 1 if positive is None else positive + (1 - target)
        return (np.asarray(np.where(x < 0, yes, 1 - target) * size + both * np.log1p(np.exp(-size)), x.dtype),)


def logits_slope_meaning(x: Array, target: Array, positive: Array) -> tuple[Array]:
    """σ(x) · (p + 1 − t) − p, where p is `positive`."""
    (share,) = sigmoid.meaning(x)
    with np.errstate(all="ignore"):
        return (np.asarray(share * (positive + (1 - target)) - positive, x.dtype),)


def logits_gradient(node: Node, dy: Value) -> tuple[Value, ...]:
    """The gradients of logits, targets and `positive`."""
    x, target, *positive = node.inputs
    if not positive:
        return multiply(dy, subtract(sigmoid(x), target)), negative(multiply(dy, x))
    slope = logits_slope(x, target, *positive)
    return multiply(dy, slope), multiply(dy, log_sigmoid(negative(x))), negative(multiply(dy, log_sigmoid(x)))


def logits_formula(v: Arithmetic[V], x: V, target: V, positive: V | None = None) -> V:
    """The loss of scores, as above."""
    size, no = v.absolute(x), v.constant(1.0) - target
    distance = x.compare("olt", v.zero()).select(target if positive is None else positive, no)
    step = v.log1p(v.exp(v.zero() - size))
    return distance * size + (step if positive is None else (positive + no) * step)


def logits_slope_formula(v: Arithmetic[V], x: V, target: V, positive: V) -> V:
    """Its slope, as above."""
    return v.sigmoid(x) * (positive + (v.constant(1.0) - target)) - positive


logits_cross_entropy: Op = Op(
    "logits_cross_entropy",
    logits_shape,
    logits_meaning,
    logits_gradient,
    formula=logits_formula,
    reads=by_element,
    compiled_from=MANY,
)
logits_slope: Op = Op("logits_slope", lambda x, *_: (x,), logits_slope_meaning, formula=logits_slope_formula)
