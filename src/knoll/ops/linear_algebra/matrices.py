"""Inverses, solutions of linear equations, and determinants of square matrices (…, n, n).

Source of the gradients: Giles, Collected matrix derivative results for forward and reverse mode AD, 2008.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, Node, Op, Spec, Value
from knoll.graph.batching_rules import broadcasting, directly
from knoll.ops.elementwise.arithmetic import multiply, negative
from knoll.ops.elementwise.elementwise import sum_to_shape
from knoll.ops.linear_algebra.linear import matmul
from knoll.ops.shapes.reshape import permute, reshape


def transposed(x: Value) -> Value:
    """Matrices whose rows are columns."""
    rank = x.spec.rank
    return permute(x, axes=(*range(rank - 2), rank - 1, rank - 2))


def _solved(reason: str, function: Callable[..., Array], *matrices: Array) -> tuple[Array]:
    """What NumPy gives, in PyTorch's words where a matrix has no inverse."""
    try:
        return (np.asarray(function(*matrices), matrices[0].dtype),)
    except np.linalg.LinAlgError:
        raise StateError(reason) from None


_NO_INVERSE = (
    "linalg.inv: The diagonal element 1 is zero, the inversion could not be completed because the input matrix is "
    "singular."
)
_NO_SOLUTION = "torch.linalg.solve: The solver failed because the input matrix is singular."


def inverse_gradient(node: Node, dy: Value) -> tuple[Value]:
    """−yᵀ dy yᵀ."""
    y = transposed(node.outputs[0])
    return (negative(matmul(matmul(y, dy), y)),)


def solve_shape(a: Spec, b: Spec) -> tuple[Spec]:
    """(…, n, n) and (…, n, k) → (…, n, k)."""
    leading = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return (Spec((*leading, *b.shape[-2:]), b.dtype),)


def solve_gradient(node: Node, dy: Value) -> tuple[Value, Value]:
    """db solves aᵀ db = dy, and da is −db yᵀ."""
    a, b = node.inputs
    db = solve(transposed(a), dy)
    da = negative(matmul(db, transposed(node.outputs[0])))
    return sum_to_shape(da, a.spec.shape), sum_to_shape(db, b.spec.shape)


def determinant_gradient(node: Node, dy: Value) -> tuple[Value]:
    """dy · y times the inverse transposed."""
    a, y = node.inputs[0], node.outputs[0]
    scale = reshape(multiply(dy, y), shape=(*y.spec.shape, 1, 1))
    return (multiply(transposed(inverse(a)), scale),)


inverse: Op = Op(
    "inverse", lambda a: (a,), lambda a: _solved(_NO_INVERSE, np.linalg.inv, a), inverse_gradient, batching=directly
)
solve: Op = Op(
    "solve",
    solve_shape,
    lambda a, b: _solved(_NO_SOLUTION, np.linalg.solve, a, b),
    solve_gradient,
    batching=broadcasting,
)
determinant: Op = Op(
    "determinant",
    lambda a: (Spec(a.shape[:-2], a.dtype),),
    lambda a: (np.asarray(np.linalg.det(a), a.dtype),),
    determinant_gradient,
    batching=directly,
)
