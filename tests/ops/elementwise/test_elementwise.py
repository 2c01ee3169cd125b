"""Element by element: each formula against NumPy, each gradient rule against finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from knoll.errors import DTypeError, ShapeError, StateError
from knoll.graph import Spec, spec_of
from knoll.ops.activation import relu_sigmoid_tanh
from knoll.ops.elementwise import arithmetic, comparisons

Check = Callable[..., None]
OPS = {**vars(arithmetic), **vars(comparisons), **vars(relu_sigmoid_tanh)}
RNG = np.random.default_rng(7)
POSITIVE = RNG.uniform(0.3, 2.0, (3, 4))

SMOOTH = ["negative", "square", "exp", "sigmoid", "tanh", "sin", "cos", "relu", "absolute"]
STEPS = ["sign", "floor", "ceil", "round_even"]
TWO = ["add", "subtract", "multiply", "divide", "remainder"]


@pytest.mark.parametrize("name", [*SMOOTH, *STEPS])
@pytest.mark.parametrize("shape", [(), (5,), (3, 4)])
def test_gradient_of_one(check_gradient: Check, name: str, shape: tuple[int, ...]) -> None:
    x = np.asarray(RNG.uniform(0.3, 0.45, shape) + RNG.integers(-2, 2, shape))  # away from kinks and steps
    check_gradient(OPS[name], x, wrt=(0,))


@pytest.mark.parametrize("name", ["log", "sqrt"])
def test_gradient_of_positive(check_gradient: Check, name: str) -> None:
    check_gradient(OPS[name], POSITIVE, wrt=(0,))


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("shapes", [((3, 4), (3, 4)), ((3, 4), ()), ((4,), (3, 1)), ((2, 1, 4), (3, 1)), ((), ())])
def test_gradient_of_two_broadcasts(check_gradient: Check, name: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    a, b = (np.asarray(RNG.uniform(0.3, 2.0, shape)) for shape in shapes)
    check_gradient(OPS[name], a, b, wrt=(0, 1))


@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4),
    st.sampled_from(["add", "subtract", "multiply", "divide", "less", "equal", "greater_equal"]),
)
@settings(max_examples=60, deadline=None)
def test_shape_is_told_before_numbers(shapes: hnp.BroadcastableShapes, name: str) -> None:
    a, b = (np.asarray(RNG.standard_normal(shape)) for shape in shapes.input_shapes)
    op = OPS[name]
    (result,) = op.meaning(a, b)
    assert op.shape(spec_of(a), spec_of(b)) == (spec_of(result),)
    assert result.shape == shapes.result_shape


@pytest.mark.parametrize("name", [*SMOOTH, *STEPS, "log", "sqrt"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_element_type_stays(name: str, dtype: str) -> None:
    op = OPS[name]
    x = np.array([-1.0, 0.0, 2.0], dtype)
    (y,) = op.meaning(x)
    assert op.shape(spec_of(x)) == (spec_of(y),)
    assert y.dtype == x.dtype


def test_edges_do_not_warn() -> None:
    edge = np.array([0.0, -1.0, np.inf, -np.inf, np.nan])
    assert np.isneginf(arithmetic.log.meaning(edge)[0][0])
    assert relu_sigmoid_tanh.sigmoid.meaning(edge)[0][2:4].tolist() == [1.0, 0.0]
    assert np.isposinf(arithmetic.exp.meaning(np.array([1000.0]))[0][0])
    assert np.isposinf(arithmetic.divide.meaning(np.array(1.0), np.array(0.0))[0])


def test_relu_keeps_nan_with_its_gradient_and_negative_zero_has_none() -> None:
    x = np.array([np.nan, -0.0, 0.0, 3.0])
    (y,) = relu_sigmoid_tanh.relu.meaning(x)
    assert np.isnan(y[0])
    assert relu_sigmoid_tanh.relu_dx.meaning(np.ones(4), y)[0].tolist() == [1, 0, 0, 1]


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"size of tensor a \(3\) must match the size of tensor b \(4\) .*dimension 1"):
        arithmetic.add.shape(Spec((2, 3), np.dtype("f4")), Spec((2, 4), np.dtype("f4")))


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sigmoid", "tanh", "sin"])
def test_integers_are_refused(name: str) -> None:
    with pytest.raises(DTypeError, match=f'"{name}" not implemented for int64'):
        OPS[name].shape(Spec((2,), np.dtype("i8")))


def test_integers_divided_by_zero() -> None:
    with pytest.raises(StateError, match="ZeroDivisionError"):
        arithmetic.floor_divide.meaning(np.array([1]), np.array([0]))
