"""The singular value decomposition of matrices (…, m, n): U (…, m, k), S (…, k), Vᵀ (…, k, n), k the smaller of m, n.

Source of the gradient: Townsend, Differentiating the singular value decomposition, 2016.
"""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Spec, Value
from knoll.graph.batching_rules import directly
from knoll.ops.elementwise.arithmetic import add, constant, divide, multiply, square, subtract
from knoll.ops.elementwise.choose import choose
from knoll.ops.elementwise.comparisons import equal
from knoll.ops.linear_algebra.linear import matmul
from knoll.ops.linear_algebra.matrices import transposed
from knoll.ops.shapes.reshape import reshape


def svd_shape(a: Spec) -> tuple[Spec, Spec, Spec]:
    """(…, m, n) → (…, m, k), (…, k), (…, k, n)."""
    *leading, m, n = a.shape
    k = min(m, n)
    return Spec((*leading, m, k), a.dtype), Spec((*leading, k), a.dtype), Spec((*leading, k, n), a.dtype)


def svd_meaning(a: Array) -> tuple[Array, ...]:
    """What NumPy gives."""
    return tuple(np.asarray(part, a.dtype, order="C") for part in np.linalg.svd(a, full_matrices=False))


def _row(s: Value) -> Value:
    """(…, k) → (…, 1, k): a number for each column."""
    return reshape(s, shape=(*s.spec.shape[:-1], 1, s.spec.shape[-1]))


def _column(s: Value) -> Value:
    """(…, k) → (…, k, 1): a number for each row."""
    return reshape(s, shape=(*s.spec.shape, 1))


def _turned(product: Value, s: Value) -> Value:
    """What turns singular vectors into each other: (product − productᵀ)ᵢⱼ / (sⱼ² − sᵢ²), 0 where both are equal."""
    apart = subtract(_row(square(s)), _column(square(s)))
    zero, one = constant(apart, value=0.0), constant(apart, value=1.0)
    same = equal(apart, zero)
    turns = divide(subtract(product, transposed(product)), choose(same, one, apart))
    return choose(same, zero, turns)


def svd_gradient(node: Node, du: Value | None, ds: Value | None, dvt: Value | None) -> tuple[Value | None]:
    """The sum of what each result passes on."""
    u, s, vt = node.outputs
    m, n = node.inputs[0].spec.shape[-2:]
    parts = []
    if ds is not None:
        parts.append(matmul(multiply(u, _row(ds)), vt))
    if du is not None:
        inner = multiply(_turned(matmul(transposed(u), du), s), _row(s))
        parts.append(matmul(matmul(u, inner), vt))
        if m > n:  # what lies outside of the columns of U
            scaled = divide(du, _row(s))
            parts.append(matmul(subtract(scaled, matmul(u, matmul(transposed(u), scaled))), vt))
    if dvt is not None:
        inner = multiply(_column(s), _turned(matmul(vt, transposed(dvt)), s))
        parts.append(matmul(matmul(u, inner), vt))
        if n > m:  # what lies outside of the rows of Vᵀ
            scaled = divide(dvt, _column(s))
            parts.append(matmul(u, subtract(scaled, matmul(matmul(scaled, transposed(vt)), vt))))
    if not parts:
        return (None,)
    total, *others = parts
    for part in others:
        total = add(total, part)
    return (total,)


svd: Op = Op("svd", svd_shape, svd_meaning, svd_gradient, batching=directly)
