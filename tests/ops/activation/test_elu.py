"""Activations that are exponential below zero: values by hand, and what their slope is told from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from knoll.graph import Op, Value, spec_of
from knoll.ops.activation.elu import SELU_ALPHA, SELU_SCALE, celu, elu, selu


@pytest.mark.parametrize(
    ("op", "numbers", "below", "above"),
    [
        (elu, {"alpha": 1.5}, 1.5 * math.expm1(-2), 2.0),
        (celu, {"alpha": 1.5}, 1.5 * math.expm1(-2 / 1.5), 2.0),
        (selu, {}, SELU_SCALE * SELU_ALPHA * math.expm1(-2), SELU_SCALE * 2),
    ],
    ids=lambda case: str(case) if isinstance(case, Op) else "",
)
def test_values_by_hand(op: Op, numbers: dict[str, float], below: float, above: float) -> None:
    np.testing.assert_allclose(op.meaning(np.array([-2.0, 0.0, 2.0]), **numbers)[0], [below, 0, above], rtol=1e-15)


@pytest.mark.parametrize(("alpha", "monotone"), [(1.0, True), (0.0, False), (-1.0, False)])
@pytest.mark.parametrize("op", [elu, celu], ids=str)
def test_a_negative_alpha_turns_round_the_order(op: Op, alpha: float, monotone: bool) -> None:
    if op is celu and not alpha:
        return
    assert op.node(Value(spec_of(np.zeros(3))), alpha=alpha).is_monotone == monotone


@pytest.mark.parametrize(("op", "numbers"), [(elu, {"alpha": 1.0}), (celu, {"alpha": 1.0}), (selu, {})], ids=str)
def test_slopes_far_below_zero_are_those_of_the_input(op: Op, numbers: dict[str, float]) -> None:
    x = np.array([-12, -17, -20, -60], np.float32)
    node = op.node(Value(spec_of(x)), **numbers)
    (dx,) = op.gradient(node, Value(node.specs[0]))
    assert dx is not None
    assert dx.node is not None
    assert dx.node.inputs[1] is node.inputs[0]
    scale = SELU_SCALE * SELU_ALPHA if op is selu else 1.0
    np.testing.assert_allclose(dx.node.op.meaning(np.ones_like(x), x, **numbers)[0], scale * np.exp(x), rtol=1e-6)
