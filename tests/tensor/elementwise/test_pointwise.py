"""Functions of single elements against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from side_by_side import EDGES, A, both

RNG = np.random.default_rng(4)
EVERYWHERE = ["exp", "sigmoid", "tanh", "abs", "sign", "floor", "ceil", "round", "relu", "square", "sin", "cos"]


@pytest.mark.parametrize("name", [*EVERYWHERE, "log", "sqrt"])
@given(shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
@settings(max_examples=10, deadline=None)
def test_values_and_gradients(name: str, shape: tuple[int, ...]) -> None:
    low = 0.1 if name in ("log", "sqrt") else -3.0
    both(lambda library, x: getattr(library, name)(x), RNG.uniform(low, 3.0, shape), tolerance=1e-10)
    both(lambda _, x: getattr(x, name)(), RNG.uniform(low, 3.0, shape).astype(np.float32))


@pytest.mark.parametrize("name", [*EVERYWHERE, "log", "sqrt", "isnan", "isinf", "isfinite"])
def test_edges(name: str) -> None:
    both(lambda library, x: getattr(library, name)(x.detach()), EDGES)


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sigmoid", "tanh", "sin"])
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_integers_become_floats(name: str, dtype: str) -> None:
    both(lambda library, x: getattr(library, name)(x), np.array([0, 1, 1], dtype))


def test_sgn() -> None:
    both(lambda lib, x: lib.sgn(x.detach()), A)
