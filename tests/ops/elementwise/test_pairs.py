"""Functions of two real numbers: values, and gradients by finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Graph, Op, Spec, Value, evaluate
from knoll.ops.differentiate import differentiate
from knoll.ops.elementwise import pairs

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((2, 5)) + 0.2


def values(op: Op, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """What an operation means."""
    return op.meaning(a, b)[0]


@pytest.mark.parametrize("op", [pairs.atan2, pairs.hypot, pairs.fmod, pairs.copysign], ids=str)
def test_gradients_are_slopes(op: Op) -> None:
    x, y = (Value(Spec((5,), np.dtype(np.float64))) for _ in range(2))
    found = differentiate(Graph((x, y), (op(x, y),)), (0, 1))
    dy = np.linspace(1, 2, 5)
    gradients = evaluate(found.joint, (A, B, dy))[1:]
    step = 1e-6
    slopes = [
        dy * (values(op, A + step, B) - values(op, A - step, B)) / (2 * step),
        dy * (values(op, A, B + step) - values(op, A, B - step)) / (2 * step),
    ]
    for place, gradient in zip(found.wrt, gradients, strict=True):
        np.testing.assert_allclose(gradient, slopes[place], rtol=1e-6, atol=1e-6)
    assert found.wrt == (0, 1)


def test_values() -> None:
    assert values(pairs.atan2, np.array(1.0), np.array(-1.0)) == pytest.approx(3 * np.pi / 4)
    assert values(pairs.hypot, np.array(3e300), np.array(4e300)) == pytest.approx(5e300)
    assert values(pairs.fmod, np.array(-3.0), np.array(2.0)) == -1
    assert np.signbit(values(pairs.copysign, np.array(2.0), np.array(-0.0)))
