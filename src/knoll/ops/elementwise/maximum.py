"""The larger and the smaller of two numbers; equal ones share the gradient.

Source: https://pytorch.org/docs/stable/generated/torch.maximum.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.graph import Array, Op, Value
from knoll.ops.elementwise.arithmetic import multiply
from knoll.ops.elementwise.choose import where_true
from knoll.ops.elementwise.elementwise import Binary, binary
from knoll.ops.formula import Arithmetic, V


def _extreme_formula(condition: str) -> Callable[..., Any]:
    """The formula of the number that is further on one side; NaN wins."""

    def formula(_: Arithmetic[V], a: V, b: V) -> V:
        return a.compare("uno", a).select(a, a.compare(condition, b).select(a, b))

    return formula


def _share_formula(condition: str) -> Callable[..., Any]:
    def formula(v: Arithmetic[V], a: V, b: V) -> V:
        won = a.compare(condition, b).select(v.constant(1.0), v.zero())
        return a.compare("oeq", b).select(v.constant(0.5), won)

    return formula


def _share(loses: Binary) -> Binary:
    """0 where the first array loses, ½ where both are equal, 1 elsewhere: where either is NaN, too, as in PyTorch."""

    def meaning(a: Array, b: Array) -> Array:
        return np.asarray(np.where(a == b, 0.5, ~loses(a, b)))

    return meaning


def _without_gradient(*_: Value) -> tuple[None, None]:
    """What changes in steps."""
    return None, None


def _shared(dy: Value, share: Value) -> Value:
    """The share of dy; nothing where the number lost, even of an infinite dy."""
    return where_true(share, multiply(dy, share))


larger_share: Op = binary("larger_share", _share(np.less), _without_gradient, formula=_share_formula("ugt"))
smaller_share: Op = binary("smaller_share", _share(np.greater), _without_gradient, formula=_share_formula("ult"))
maximum: Op = binary(
    "maximum",
    np.maximum,
    lambda a, b, dy: (_shared(dy, larger_share(a, b)), _shared(dy, larger_share(b, a))),
    formula=_extreme_formula("ogt"),
)
minimum: Op = binary(
    "minimum",
    np.minimum,
    lambda a, b, dy: (_shared(dy, smaller_share(a, b)), _shared(dy, smaller_share(b, a))),
    formula=_extreme_formula("olt"),
)
