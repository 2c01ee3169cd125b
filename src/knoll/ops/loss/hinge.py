"""What losses with a margin are made of: the hinge max(0, x), and numbers that count for one target only.

Unlike `relu`, the hinge has slope 1 at zero, as PyTorch's `clamp_min` has: two equal scores are driven apart.
Source: https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
"""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Spec, Value, by_element
from knoll.graph.batching_rules import broadcasting
from knoll.ops.elementwise.choose import where_true
from knoll.ops.elementwise.elementwise import broadcast, sum_to_shape
from knoll.ops.formula import Arithmetic, V, at_least


def hinge_meaning(x: Array) -> tuple[Array]:
    """The larger of x and 0; NaN stays."""
    return (np.asarray(np.maximum(x, x.dtype.type(0))),)


def hinge_gradient(node: Node, dy: Value) -> tuple[Value]:
    """The gradient dy where x is not below zero; nothing elsewhere, even of an infinite dy."""
    return (where_true(hinge_slope(*node.inputs), dy),)


def hinge_slope_meaning(x: Array) -> tuple[Array]:
    """1 where x is not below zero, 0 elsewhere and at NaN."""
    return (np.asarray(x >= 0, x.dtype),)


def hinge_slope_formula(v: Arithmetic[V], x: V) -> V:
    """1 where x is not below zero."""
    return x.compare("oge", v.zero()).select(v.constant(1.0), v.zero())


hinge: Op = Op(
    "hinge",
    lambda x: (x,),
    hinge_meaning,
    hinge_gradient,
    formula=lambda v, x: at_least(x, v.zero()),
    reads=by_element,
)
hinge_slope: Op = Op("hinge_slope", lambda x: (x,), hinge_slope_meaning, formula=hinge_slope_formula)


def at_target_shape(x: Spec, target: Spec, *, label: float, equal: bool) -> tuple[Spec]:  # noqa: ARG001 (of no shape)
    """Both broadcast; the result has the type of x."""
    return (x.with_shape(*broadcast(target.shape, x.shape)),)


def at_target_meaning(x: Array, target: Array, *, label: float, equal: bool) -> tuple[Array]:
    """The elements of x whose target is `label`, or with `equal` false those whose target is another; 0 elsewhere."""
    return (np.asarray(np.where((target == label) == equal, x, x.dtype.type(0))),)


def at_target_formula(v: Arithmetic[V], x: V, target: V, label: float, equal: bool) -> V:
    """The same; NaN equals no label."""
    found, others = (x, v.zero()) if equal else (v.zero(), x)
    return target.compare("oeq", v.constant(label)).select(found, others)


def at_target_gradient(node: Node, dy: Value) -> tuple[Value, None]:
    """The gradient dy where x counts; the target has none."""
    x, target = node.inputs
    return sum_to_shape(at_target(dy, target, **node.attributes), x.spec.shape), None


at_target: Op = Op(
    "at_target",
    at_target_shape,
    at_target_meaning,
    at_target_gradient,
    formula=at_target_formula,
    reads=by_element,
    batching=broadcasting,
)
