"""Activations as operations: gradients against differences, types, limits, what the slope is told from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll.errors import UnsupportedError
from knoll.graph import Op, Spec, Value, spec_of
from knoll.ops.activation import elu, piecewise, self_gated, softplus

Check = Callable[..., None]
RNG = np.random.default_rng(7)

ELEMENTWISE: list[tuple[Op, dict[str, float]]] = [
    (piecewise.threshold, {"threshold": 0.2, "value": -1.5}), (piecewise.threshold, {"threshold": 0.2, "value": 3.0}),
    (piecewise.leaky_relu, {"negative_slope": 0.3}), (piecewise.leaky_relu, {"negative_slope": -0.3}),
    (piecewise.hardtanh, {"low": -0.7, "high": 1.3}), (piecewise.hardsigmoid, {}), (piecewise.hardswish, {}),
    (piecewise.hardshrink, {"lambd": 0.6}), (piecewise.softshrink, {"lambd": 0.6}),
    (self_gated.silu, {}), (self_gated.mish, {}), (self_gated.gelu, {}), (self_gated.gelu_tanh, {}), (elu.selu, {}),
    (elu.elu, {"alpha": 1.2}), (elu.elu, {"alpha": -1.2}), (elu.celu, {"alpha": 1.2}),
    (elu.celu, {"alpha": -1.2}), (softplus.log_sigmoid, {}), (softplus.softplus, {"beta": 1.5, "threshold": 40.0}),
    (softplus.softplus, {"beta": 1.5, "threshold": 2.0}), (softplus.softplus, {"beta": -1.5, "threshold": 40.0}),
    (softplus.softsign, {}), (softplus.tanhshrink, {}),
]  # fmt: skip


@pytest.mark.parametrize(("op", "numbers"), ELEMENTWISE, ids=lambda case: str(case))
@pytest.mark.parametrize("shape", [(), (5,), (3, 4)])
def test_gradients(check_gradient: Check, op: Op, numbers: dict[str, float], shape: tuple[int, ...]) -> None:
    x = np.asarray(RNG.integers(-5, 5, shape) + RNG.uniform(0.31, 0.49, shape))  # away from every bound above
    check_gradient(op, x, wrt=(0,), **numbers)


@pytest.mark.parametrize(("op", "numbers"), ELEMENTWISE, ids=lambda case: str(case))
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_types_stay_and_nan_stays(op: Op, numbers: dict[str, float], dtype: str) -> None:
    x = np.array([np.nan, -1.0, 0.0, 2.0], dtype)
    (y,) = op.meaning(x, **numbers)
    assert op.shape(spec_of(x), **numbers) == (spec_of(y),)
    assert np.isnan(y[0])
    assert not np.isnan(y[1:]).any()


def told_from(op: Op, dtype: str, numbers: dict[str, float]) -> str:
    """Whether the gradient of an activation reads x or y."""
    x = Value(Spec((3,), np.dtype(dtype)))
    node = op.node(x, **numbers)
    assert op.gradient is not None
    (dx,) = op.gradient(node, Value(node.specs[0]))
    assert dx is not None
    assert dx.node is not None
    return "x" if dx.node.inputs[1] is x else "y"


@pytest.mark.parametrize(
    ("op", "numbers", "source"),
    [
        (piecewise.threshold, {"threshold": 1.0, "value": 0.0}, "y"),
        (piecewise.threshold, {"threshold": 0.0, "value": 1.0}, "x"),
        (piecewise.leaky_relu, {"negative_slope": 0.01}, "y"), (piecewise.leaky_relu, {"negative_slope": -0.1}, "x"),
        (piecewise.hardtanh, {"low": 0.0, "high": 6.0}, "y"), (piecewise.hardsigmoid, {}, "y"),
        (piecewise.hardshrink, {"lambd": -1.0}, "y"), (piecewise.softshrink, {"lambd": 0.5}, "y"),
        (elu.elu, {"alpha": 1.0}, "x"), (elu.elu, {"alpha": -1.0}, "x"), (elu.selu, {}, "x"),
        (elu.celu, {"alpha": 2.0}, "x"), (softplus.log_sigmoid, {}, "y"), (self_gated.silu, {}, "x"),
        (softplus.softplus, {"beta": 1.0, "threshold": 20.0}, "y"),
        (softplus.softplus, {"beta": 1.0, "threshold": 2.0}, "x"),
    ],
)  # fmt: skip
def test_the_input_need_not_be_kept_where_the_result_tells(op: Op, numbers: dict[str, float], source: str) -> None:
    assert told_from(op, "float32", numbers) == source
    if op is softplus.softplus:
        assert told_from(op, "float64", numbers) == "x"


def test_thresholds_compare_as_numbers_are_stored() -> None:
    stored = np.float32(0.1)  # a little more than 0.1
    assert piecewise.threshold.meaning(np.array([stored]), threshold=0.1, value=-1.0)[0].tolist() == [-1]
    assert softplus.softplus.meaning(np.array([np.float32(0.4)]), beta=5.0, threshold=2.0)[0][0] > 0.42


def exactly(name: str, x: float, mpmath: Any) -> Any:
    """An activation with very many digits."""
    z = mpmath.mpf(x)
    match name:
        case "gelu":
            return z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2
        case "tanhshrink":
            return z - mpmath.tanh(z)
        case "mish":
            return z * mpmath.tanh(mpmath.log1p(mpmath.exp(z)))
        case _:
            return mpmath.log1p(mpmath.exp(z))


@pytest.mark.parametrize(
    "op", [self_gated.gelu, softplus.tanhshrink, self_gated.mish, softplus.softplus], ids=lambda op: op.name
)
def test_no_digits_are_lost(op: Op) -> None:
    mpmath, name = pytest.importorskip("mpmath"), op.name
    numbers = {"beta": 1.0, "threshold": 1e9} if name == "softplus" else {}
    x = np.concatenate([np.linspace(-36, 36, 481), 10.0 ** np.arange(-100, 1, 7), [1.99, 2.01, -0.1, 0.3]])
    (y,) = op.meaning(x, **numbers)
    with mpmath.workdps(250):
        for place, result in zip(x, y, strict=True):
            truth = exactly(name, float(place), mpmath)
            assert abs(float((mpmath.mpf(float(result)) - truth) / (truth or 1))) < 8e-16, place


@pytest.mark.parametrize("dtype", ["int64", "bool"])
def test_integers_are_refused_by_what_bends(dtype: str) -> None:
    for op, numbers in ELEMENTWISE:
        if op not in (piecewise.threshold, piecewise.hardtanh):
            with pytest.raises(UnsupportedError, match=r"not implemented for '(Long|Bool)'"):
                op.shape(Spec((2,), np.dtype(dtype)), **numbers)
