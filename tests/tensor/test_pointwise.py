"""Functions of single elements against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from side_by_side import EDGES, WHOLE, A, Case, Refused, both, comparisons, refusals

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


def _shifted_in_place(a: Any) -> Any:
    a <<= 2
    a >>= 1
    return a


COMPARED: dict[str, Case] = {
    "sgn": (lambda t, a: t.sgn(a.detach()), (A,)),
    "shifts": (lambda t, a: (t.bitwise_left_shift(a, 2), t.bitwise_right_shift(a, t.tensor(1))), (WHOLE,)),
    "shifts by operators": (
        lambda t, a: (a << 1, a >> t.tensor(1), 1 << a, t.tensor(64) >> a, _shifted_in_place(a.clone())),
        (WHOLE,),
    ),
    "shifts of truths": (lambda _, a: (a << 1, 1 << a), (np.array([True, False]),)),
}
REFUSED: dict[str, Refused] = {
    "shift by a fraction": lambda t: t.tensor([1]) << 1.5,
    "shift of fractions": lambda t: t.ones(2) >> t.tensor([1]),
    "shift of a list": lambda t: [1] << t.tensor([1]),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)
