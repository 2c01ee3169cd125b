"""Activations that gate their input by a function of it: limits, and formulas of theirs by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from knoll.graph import Op, Value, spec_of
from knoll.ops import piecewise, self_gated


@pytest.mark.parametrize(
    "op", [self_gated.silu, self_gated.mish, self_gated.gelu, self_gated.gelu_tanh, piecewise.hardswish]
)
def test_limits(op: Op) -> None:
    for dtype in ("float32", "float64"):
        huge = np.finfo(dtype).max
        x = np.array([-np.inf, -huge, huge, np.inf], dtype)
        np.testing.assert_array_equal(op.meaning(x)[0], np.array([0, 0, huge, np.inf], dtype))
        node = op.node(Value(spec_of(x)))
        (dx,) = op.gradient(node, node.outputs[0])
        slope = dx.node.op.meaning(np.ones_like(x), x)[0]
        np.testing.assert_array_equal(slope, np.array([0, 0, 1, 1], dtype))


@pytest.mark.parametrize(
    ("op", "gate"),
    [
        (self_gated.silu, lambda x: 1 / (1 + math.exp(-x))),
        (self_gated.mish, lambda x: math.tanh(math.log1p(math.exp(x)))),
        (self_gated.gelu, lambda x: (1 + math.erf(x / math.sqrt(2))) / 2),
        (self_gated.gelu_tanh, lambda x: (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2),
    ],
    ids=["silu", "mish", "gelu", "gelu_tanh"],
)
def test_each_is_its_input_times_a_gate(op: Op, gate: Callable[[float], float]) -> None:
    x = np.linspace(-5, 5, 21)
    np.testing.assert_allclose(op.meaning(x)[0], [place * gate(place) for place in x.tolist()], rtol=1e-9)
