"""Softmax as a step: what stands before its axis, the axis, what stands after."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.ops.activation.softmax import log_softmax, softmax
from knoll.plan.activation.softmax import around_axis, fits
from planned import kernels_of, plan_of, steps_of, value


@pytest.mark.parametrize(("axis", "expected"), [(1, (1, 3, 20)), (2, (3, 4, 5)), (3, (12, 5, 1))])
def test_what_stands_around_the_axis(axis: int, expected: tuple[int, int, int]) -> None:
    x = value(2, 3, 4, 5)
    assert around_axis(softmax.node(x, axis=axis)) == expected
    kernel = steps_of(plan_of(Graph((x,), (log_softmax(x, axis=axis),))))[0].kernel
    assert (kernel.outer, kernel.size, kernel.inner, kernel.log) == (*expected, True)


def test_shares_of_samples_have_no_kernel() -> None:
    assert fits(softmax.node(value(2, 3), axis=1))
    assert not fits(softmax.node(value(2, 3), axis=0))


def test_both_have_a_gradient() -> None:
    x = value(2, 3)
    plan = plan_of(Graph((x,), (log_softmax(softmax(x, axis=1), axis=1),)), 0)
    assert kernels_of(plan) == ["Softmax", "Softmax", "SoftmaxGradient", "SoftmaxGradient"]
    logs = [step.kernel.log for step in steps_of(plan)]
    assert logs == [False, True, True, False]
