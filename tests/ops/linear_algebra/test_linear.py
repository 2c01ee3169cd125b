from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.errors import DTypeError, ShapeError
from knoll.graph import Spec, Value, spec_of
from knoll.ops.linear_algebra.linear import linear, linear_dw, matmul

FLOAT, DOUBLE = np.dtype("float32"), np.dtype("float64")


@pytest.mark.parametrize("leading", [(), (5,), (2, 3), (0,), (2, 0, 3)])
def test_meaning_is_a_sum_for_each_row(leading: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    x, w, b = random.standard_normal((*leading, 4)), random.standard_normal((3, 4)), random.standard_normal(3)
    (y,) = linear.meaning(x, w, b)
    assert spec_of(y) == linear.shape(spec_of(x), spec_of(w), spec_of(b))[0]
    for place in np.ndindex(*leading):
        np.testing.assert_allclose(y[place], [(x[place] * row).sum() + bias for row, bias in zip(w, b, strict=True)])


@pytest.mark.parametrize("leading", [(), (5,), (2, 3)])
def test_gradient_by_differences(check_gradient: Any, leading: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    arrays = random.standard_normal((*leading, 4)), random.standard_normal((3, 4)), random.standard_normal(3)
    check_gradient(linear, *arrays, wrt=(0, 1, 2))


def test_matmul_gradient_by_differences(check_gradient: Any) -> None:
    random = np.random.default_rng(0)
    check_gradient(matmul, random.standard_normal((2, 3, 4)), random.standard_normal((4, 5)), wrt=(0, 1))


def test_costs_count_multiply_adds() -> None:
    x, w = Value(Spec((2, 3, 4), FLOAT)), Value(Spec((5, 4), FLOAT))
    node = linear.node(x, w)
    assert linear.cost(node) == 2 * 3 * 4 * 5
    assert linear_dw.cost(linear_dw.node(node.outputs[0], x)) == 2 * 3 * 4 * 5


@pytest.mark.parametrize(
    ("x", "w", "b", "words"),
    [
        ((), (2, 3), None, "need to be at least 1D, but they are 0D and 2D"),
        ((4, 5, 7), (2, 8), (2,), "mat1 and mat2 shapes cannot be multiplied (20x7 and 8x2)"),
        ((7,), (2, 8), (2,), "mat1 and mat2 shapes cannot be multiplied (1x7 and 8x2)"),
        ((4, 64, 4, 4), (10, 1024), (10,), "try: nn.Flatten() before this layer: (4, 64, 4, 4) → (4, 1024)"),
        ((4, 8), (2, 8), (3,), "The expanded size of the tensor (2) must match the existing size (3)"),
        ((4, 8), (1, 2, 8), None, "t() expects a tensor with <= 2 dimensions, but self is 3D"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(x: Any, w: Any, b: Any, words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        linear.shape(*(Spec(shape, FLOAT) for shape in (x, w, b) if shape is not None))
    assert words in str(caught.value)


def test_element_types_must_agree() -> None:
    x, w, b = Spec((4, 8), DOUBLE), Spec((2, 8), FLOAT), Spec((2,), FLOAT)
    with pytest.raises(DTypeError, match="mat1 and mat2 must have the same dtype, but got Double and Float"):
        linear.shape(x, w, b)
    with pytest.raises(DTypeError, match="expected m1 and m2 to have the same dtype, but got: double != float"):
        linear.shape(x, w)
    with pytest.raises(DTypeError, match="self and mat2 must have the same dtype, but got Float and Double"):
        linear.shape(x, Spec((2, 8), DOUBLE), b)
