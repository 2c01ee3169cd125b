"""Gated linear units as steps over halves of an axis."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.kernels.activation.glu import Glu, GluGradient
from knoll.ops.activation.glu import glu
from planned import kernels_of, plan_of, steps_of, value


@pytest.mark.parametrize(("axis", "outer", "half"), [(1, 1, 40), (2, 4, 10), (3, 16, 2)])
def test_halves(axis: int, outer: int, half: int) -> None:
    x = value(2, 4, 4, 4 if axis == 3 else 5)
    forward, backward = (step.kernel for step in steps_of(plan_of(Graph((x,), (glu(x, axis=axis),)), 0)))
    assert type(forward) is Glu
    assert type(backward) is GluGradient
    assert (forward.outer, forward.half) == (backward.outer, backward.half) == (outer, half)
    assert kernels_of(plan_of(Graph((x,), (glu(x, axis=axis),)))) == ["Glu"]
