"""Choices between two arrays by truth values, or by a mask of numbers (`ops/elementwise/masks.py`)."""
# ruff: noqa: ARG005 (rules and formulas are given everything, and use what they need)

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Spec, Value, by_element
from knoll.graph.batching_rules import broadcasting
from knoll.ops.elementwise.elementwise import MANY, binary, broadcast, sum_to_shape, typed
from knoll.ops.formula import Arithmetic, V


def choose_shape(condition: Spec, a: Spec, b: Spec) -> tuple[Spec]:
    """All three broadcast."""
    return (Spec(broadcast(condition.shape, broadcast(a.shape, b.shape)), np.result_type(a.dtype, b.dtype)),)


def choose_meaning(condition: Array, a: Array, b: Array) -> tuple[Array]:
    """Elements of a where the condition holds, of b elsewhere."""
    return (np.where(condition, a, b),)


def choose_gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """The gradient dy where the element was taken, nothing elsewhere."""
    condition, a, b = node.inputs
    parts = ((where_true(condition, dy), a), (where_false(condition, dy), b))
    return None, *(typed(sum_to_shape(d, v.spec.shape), v) for d, v in parts)


def _choose_formula(v: Arithmetic[V], condition: V, a: V, b: V) -> V:
    """The condition is a mask of numbers: `ops/elementwise/masks.py`."""
    return condition.compare("une", v.zero()).select(a, b)


where_true: Op = binary(
    "where_true",
    lambda condition, dy: np.where(condition, dy, dy.dtype.type(0)),
    lambda condition, dy, g: (None, where_true(condition, g)),
    formula=lambda v, condition, dy: _choose_formula(v, condition, dy, v.zero()),
)
where_false: Op = binary(
    "where_false",
    lambda condition, dy: np.where(condition, dy.dtype.type(0), dy),
    lambda condition, dy, g: (None, where_false(condition, g)),
    formula=lambda v, condition, dy: _choose_formula(v, condition, v.zero(), dy),
)
choose: Op = Op(
    "where",
    choose_shape,
    choose_meaning,
    choose_gradient,
    formula=_choose_formula,
    reads=by_element,
    compiled_from=MANY,
    batching=broadcasting,
)
