"""Inverses, determinants, decompositions and linear equations against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from side_by_side import A, Case, comparisons, same_refusal

S = np.random.default_rng(1).standard_normal((3, 3)) + 3 * np.eye(3)
COMPARED: dict[str, Case] = {
    "inv": (lambda t, a: t.linalg.inv(a), (S,)),
    "inverse of a batch": (lambda t, a: t.inverse(t.stack((a, a + 1))), (S,)),
    "solve": (lambda t, a, b: t.linalg.solve(a, b), (S, A)),
    "solve vector": (lambda t, a, b: t.linalg.solve(a, b[:, 0]), (S, A)),
    "det": (lambda t, a: t.linalg.det(a), (S,)),
    "dets": (lambda t, a: t.det(t.stack((a, a + 1))), (S,)),
    "slogdet": (lambda t, a: tuple(t.linalg.slogdet(a.detach())), (S,)),
    "svdvals": (lambda t, a: t.linalg.svdvals(a.detach()), (A,)),
    "eigvalsh": (lambda t, a: t.linalg.eigvalsh(a.detach()), (S,)),
    "pinv": (lambda t, a: t.pinverse(a.detach()), (A,)),
    "cholesky": (lambda t, a: t.linalg.cholesky((a @ a.T).detach()), (A,)),
    "matrix_rank": (lambda t, a: t.linalg.matrix_rank(a.detach()), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_refused_as_in_pytorch() -> None:
    same_refusal(lambda t: t.linalg.inv(t.ones(2, 3)))


def test_a_decomposition_says_that_it_has_no_gradient() -> None:
    with pytest.raises(NotImplementedError, match="svd has no gradient"):
        knoll.linalg.svd(knoll.ones(2, 3).requires_grad_())
    with pytest.raises(NotImplementedError, match="qr has no gradient"):
        knoll.linalg.qr(knoll.eye(2).requires_grad_())
    u, s, vh = knoll.linalg.svd(knoll.tensor(A), full_matrices=False)
    np.testing.assert_allclose((u * s) @ vh, A, atol=1e-12)
    q, r = knoll.linalg.qr(knoll.tensor(A))
    np.testing.assert_allclose(q @ r, A, atol=1e-12)
    values, vectors = knoll.linalg.eigh(knoll.tensor(S + S.T))
    np.testing.assert_allclose((vectors * values) @ vectors.T, S + S.T, atol=1e-12)


def test_a_singular_matrix_is_refused() -> None:
    with pytest.raises(RuntimeError, match="the inversion could not be completed because the input matrix is singular"):
        knoll.linalg.inv(knoll.zeros(2, 2))


def test_no_solution_and_no_root_are_said() -> None:
    with pytest.raises(RuntimeError, match="The solver failed because the input matrix is singular"):
        knoll.linalg.solve(knoll.zeros(2, 2), knoll.ones(2))
    with pytest.raises(RuntimeError, match="could not be completed because the input is not positive-definite"):
        knoll.linalg.cholesky(-knoll.eye(2))
