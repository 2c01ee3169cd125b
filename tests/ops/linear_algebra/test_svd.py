"""The singular value decomposition: NumPy's numbers, gradients and gradients of gradients against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.ops.linear_algebra.svd import svd_meaning

RNG = np.random.default_rng(0)
SHAPES = [(3, 3), (4, 2), (2, 4), (2, 3, 2), (1, 3), (3, 1)]
# What does not change where a vector and its partner point the other way.
LOSSES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "values": lambda _, s, __: s,
    "left": lambda u, _, __: u.square(),
    "right": lambda _, __, vt: vt.square(),
    "all": lambda u, s, vt: (u * s.sqrt().unsqueeze(-2)) @ vt,
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_parts_make_the_matrix(shape: tuple[int, ...]) -> None:
    a = RNG.standard_normal(shape)
    u, s, vt = svd_meaning(a)
    assert (u.dtype, s.shape) == (a.dtype, (*shape[:-2], min(shape[-2:])))
    np.testing.assert_allclose((u * s[..., None, :]) @ vt, a, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients_are_slopes(shape: tuple[int, ...], loss: str) -> None:
    a = knoll.tensor(RNG.standard_normal(shape), requires_grad=True)

    def computed(a: Any) -> Any:
        return LOSSES[loss](*knoll.linalg.svd(a, full_matrices=False))

    assert knoll.autograd.gradcheck(computed, (a,))
    assert knoll.autograd.gradgradcheck(computed, (a,), (knoll.tensor(RNG.standard_normal(computed(a).shape)),))


def test_gradients_are_pytorchs(torch: Any) -> None:
    x, found = RNG.standard_normal((2, 4, 3)), []
    for lib in (knoll, torch):
        a = lib.tensor(x, requires_grad=True)
        u, s, vt = lib.linalg.svd(a, full_matrices=False)
        ((u * s.unsqueeze(-2).exp()) @ vt).sin().sum().backward()
        found.append(a.grad.numpy())
    np.testing.assert_allclose(*found, atol=1e-10)


def test_of_equal_singular_values_their_own_gradient_is_there() -> None:
    a = knoll.eye(3, dtype=knoll.float64).requires_grad_()
    knoll.linalg.svdvals(a).sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), np.eye(3))
