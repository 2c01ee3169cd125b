"""The larger and the smaller of two numbers: gradients, ties, and losers that receive nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from against_meaning import check, elements, machines, value
from knoll.graph import Graph, spec_of
from knoll.machine import Machine
from knoll.ops.elementwise import maximum

Check = Callable[..., None]
RNG = np.random.default_rng(7)


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@pytest.mark.parametrize("shapes", [((3, 4), (3, 4)), ((3, 4), ()), ((4,), (3, 1)), ((2, 1, 4), (3, 1)), ((), ())])
def test_gradients_broadcast(check_gradient: Check, name: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    op = getattr(maximum, name)
    a, b = (np.asarray(RNG.uniform(0.3, 2.0, shape)) for shape in shapes)
    (y,) = op.meaning(a, b)
    np.testing.assert_array_equal(y, getattr(np, name)(a, b))
    assert op.shape(spec_of(a), spec_of(b)) == (spec_of(y),)
    check_gradient(op, a, b, wrt=(0, 1))


def test_ties_share_the_gradient() -> None:
    a, b = np.array([1.0, 2, 3, np.nan, 1]), np.array([2.0, 2, 2, 1, np.nan])
    assert maximum.larger_share.meaning(a, b)[0].tolist() == [0, 0.5, 1, 1, 1], "NaN passes to both, as in PyTorch"
    assert maximum.smaller_share.meaning(a, b)[0].tolist() == [1, 0.5, 0, 1, 1]


@machines
@elements
@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_machine_code(machine: Machine, dtype: str, name: str) -> None:
    a, b = value(dtype, 3, 5, 4, 7), value(dtype, 4, 7)
    first, second = (RNG.integers(-2, 3, v.spec.shape).astype(dtype) for v in (a, b))
    check(Graph((a, b), (getattr(maximum, name)(a, b),)), machine, [first, second], wrt=(0, 1))
