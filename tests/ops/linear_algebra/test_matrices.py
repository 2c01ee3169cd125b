"""Linear algebra: values, gradients by finite differences, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Graph, Op, Spec, Value, evaluate
from knoll.ops.differentiate import differentiate
from knoll.ops.linear_algebra import matrices

RNG = np.random.default_rng(0)
A = RNG.standard_normal((2, 3, 3)) + 3 * np.eye(3)
B = RNG.standard_normal((3, 2))


@pytest.mark.parametrize(
    ("op", "arrays"), [(matrices.inverse, (A,)), (matrices.determinant, (A,)), (matrices.solve, (A, B))], ids=str
)
def test_gradients_are_slopes(op: Op, arrays: tuple[np.ndarray, ...]) -> None:
    inputs = tuple(Value(Spec(array.shape, array.dtype)) for array in arrays)
    found = differentiate(Graph(inputs, (op(*inputs),)), tuple(range(len(inputs))))
    dy = RNG.standard_normal(op.meaning(*arrays)[0].shape)
    gradients = evaluate(found.joint, (*arrays, dy))[1:]
    for place, gradient in enumerate(gradients):
        for at in np.ndindex(gradient.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = [array.copy() for array in arrays]
                moved[place][at] += step
                sides.append((dy * op.meaning(*moved)[0]).sum())
            assert gradient[at] == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-5, abs=1e-6)


def test_values() -> None:
    np.testing.assert_allclose(matrices.inverse.meaning(A)[0] @ A, np.broadcast_to(np.eye(3), A.shape), atol=1e-12)
    np.testing.assert_allclose(A @ matrices.solve.meaning(A, B)[0], np.broadcast_to(B, (2, 3, 2)), atol=1e-12)
    np.testing.assert_allclose(matrices.determinant.meaning(np.diag([2.0, 3.0]))[0], 6)


def test_what_has_no_inverse_is_refused() -> None:
    with pytest.raises(RuntimeError, match="input matrix is singular"):
        matrices.inverse.meaning(np.zeros((2, 2)))
    with pytest.raises(RuntimeError, match="solver failed because the input matrix is singular"):
        matrices.solve.meaning(np.zeros((2, 2)), np.ones((2, 1)))
