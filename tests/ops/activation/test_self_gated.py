"""Activations that gate their input by a function of it: limits, and formulas of theirs by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.graph import Op, Value, spec_of
from knoll.ops.activation import piecewise, self_gated


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


@pytest.mark.pytorch
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["silu", "mish", "gelu", "gelu tanh", "softplus", "softplus steep", "hardswish"])
def test_second_derivatives_at_zero(torch: Any, name: str, dtype: str) -> None:
    """Formulas of the distance from zero are smooth there, although the distance is not."""
    function, *how = name.split()
    options = {"tanh": {"approximate": "tanh"}, "steep": {"beta": 2.0, "threshold": 3.0}}[how[0]] if how else {}
    found = []
    for lib in (knoll, torch):
        x = lib.tensor([0.0, -0.0, 0.5, -0.5], dtype=getattr(lib, dtype), requires_grad=True)
        y = getattr(lib.nn.functional, function)(x, **options)
        (dx,) = lib.autograd.grad(y.sum(), x, create_graph=True)
        found.append(lib.autograd.grad(dx.sum(), x)[0].numpy())
    tolerance = {"float16": 2e-3, "float32": 1e-6, "float64": 1e-14}[dtype]
    np.testing.assert_allclose(*found, rtol=tolerance, atol=tolerance)


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
