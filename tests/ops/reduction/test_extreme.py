"""The largest and smallest elements: against NumPy; first and second gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.ops.reduction import extreme

Check = Callable[..., None]
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("name", ["amax", "amin"])
def test_gradients(check_gradient: Check, name: str, axes: tuple[int, ...], keep: bool) -> None:
    x, op = RNG.standard_normal((2, 3, 4)), getattr(extreme, name)
    (y,) = op.meaning(x, axes=axes, keep=keep, nan_ties=False, masked=False)
    np.testing.assert_array_equal(y, {"amax": np.max, "amin": np.min}[name](x, axis=axes, keepdims=keep))
    check_gradient(op, x, axes=axes, keep=keep, nan_ties=False, masked=False, wrt=(0,))


def test_what_has_no_axes_stays_without() -> None:
    assert extreme.amax.meaning(np.array(2.0), axes=(), keep=False, nan_ties=False, masked=False)[0].shape == ()


def test_elements_that_tie_share_the_gradient() -> None:
    x = np.array([1.0, 3.0, 3.0])
    (dx,) = extreme.extreme_dx.meaning(np.array(1.0), x, np.array(3.0), axes=(0,), nan_ties=False, masked=False)
    assert dx.tolist() == [0, 0.5, 0.5]


def test_nan_shares_the_gradient_or_spoils_it() -> None:
    x, nan = np.array([1.0, np.nan, np.nan]), np.array(np.nan)
    shared, spoiled = (
        extreme.extreme_dx.meaning(np.array(1.0), x, nan, axes=(0,), nan_ties=t, masked=False)[0] for t in (True, False)
    )
    assert shared.tolist() == [0, 0.5, 0.5]
    assert np.isnan(spoiled).all()


def test_what_an_infinite_gradient_leaves_to_the_others() -> None:
    dy, x, y = np.array(np.inf), np.array([1.0, 3.0, 3.0]), np.array(3.0)
    masked, multiplied = (
        extreme.extreme_dx.meaning(dy, x, y, axes=(0,), nan_ties=True, masked=way)[0] for way in (True, False)
    )
    assert masked.tolist() == [0, np.inf, np.inf]
    np.testing.assert_array_equal(multiplied, [np.nan, np.inf, np.inf])


@pytest.mark.parametrize("keep", [True, False])
def test_the_gradient_of_the_gradient(torch: Any, keep: bool) -> None:
    x = RNG.standard_normal((2, 3, 4))
    x[0, 0, 1] = x[0, 2, 3] = 9.0
    found = []
    for library in (knoll, torch):
        leaf = library.tensor(x, requires_grad=True)
        y = library.amax(leaf * leaf * leaf, (1, 2), keepdim=keep)
        (dx,) = library.autograd.grad(y.sum(), leaf, create_graph=True)
        (second,) = library.autograd.grad((dx * dx).sum(), leaf)
        found.append(second.numpy())
    np.testing.assert_allclose(*found)
